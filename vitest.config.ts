import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { promises } from "./test/promises.ts";
import { stdioRegistry } from "./test/support/stdio-registry.ts";
import { buildAll } from "./worker/build.ts";

await buildAll();

/**
 * Of tests that start processes and wait for them, on a machine that may be busy. One that fails is tried once more, and named at the end of the run if it passes
 * then: such a test, or what it tests, wants a look.
 */
const patience = { retry: 1, expect: { poll: { timeout: 20_000, interval: 50 } } };

/** A Worker that reads a queue and keeps what came, under the positions in the audit. */
const recordsReader = `export default {
  async queue(batch, env) {
    for (const { body } of batch.messages) await env.RECORDS_READ.put(body.cursor, JSON.stringify(body));
  },
};`;

/*
 * Four rooms, each where its subject really runs: Node, workerd with a real Loader and a real object, programs in processes of
 * their own, and the whole product while it is being broken. The first two compute, the others mostly wait for what they have started.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./test/count-reporter.ts"],
    tags: Object.entries(promises).map(([name, description]) => ({ name, description })),
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/*.test.ts", "test/unit/**/*.test.ts", "test/contract/**/*.test.ts"],
          // Of its own accord vitest leaves one core idle, which is half of a small machine.
          maxWorkers: "100%",
          // Nothing here leaves state in a module, so that core is loaded once per worker and not once per file.
          isolate: false,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [
          cloudflareTest({
            // The source, so that tests and Worker share each module.
            main: "./worker/index.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { BRIDGE_TOKEN: "test-bridge-token", MCP_REGISTRY: stdioRegistry },
              kvNamespaces: ["OAUTH_KV", "RECORDS_READ"],
              // Of test/workerd/audit-queue.test.ts: whoever keeps the audit elsewhere.
              queueProducers: { RECORDS: "records" },
              workers: [
                {
                  name: "records-reader",
                  modules: true,
                  compatibilityDate: "2026-11-01",
                  script: recordsReader,
                  kvNamespaces: ["RECORDS_READ"],
                  queueConsumers: { records: { maxBatchSize: 100, maxBatchTimeout: 0 } },
                },
              ],
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/workerd/**/*.test.ts"],
          maxWorkers: "100%",
          // Each test has sessions of its own, so that workerd is started once per worker and not once per file.
          isolate: false,
          // workerd has no environment of this process.
          provide: { libraryOperations: Number(process.env.LIBRARY_OPERATIONS ?? 2_000) },
          expect: patience.expect,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          // The examples import the package by its name.
          alias: [{ find: /^mcp-dynamic-orchestrator(?=$|\/)(?:\/(.+))?$/, replacement: `${import.meta.dirname}/faces/$1` }],
          include: ["test/e2e/**/*.test.ts"],
          // Each file starts products of its own, and waits for them most of the time.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          ...patience,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          // What is killed and what is flooded is to be back in time, which the work of many other files would make late.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          ...patience,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
