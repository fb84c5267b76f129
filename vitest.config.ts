import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { promises } from "./test/promises.ts";
import { stdioRegistry } from "./test/support/stdio-registry.ts";
import { buildAll } from "./worker/build.ts";

await buildAll();

/*
 * Four rooms, each where its subject really runs: Node, workerd with a real Loader and a real object, programs in processes of
 * their own, and the whole product while it is being broken. One after another, so that none is slowed by the next.
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
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { BRIDGE_TOKEN: "test-bridge-token", MCP_REGISTRY: stdioRegistry },
              kvNamespaces: ["OAUTH_KV"],
            },
          }),
        ],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"], testTimeout: 30_000, sequence: { groupOrder: 1 } },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // Each file starts products of its own, and waits for them most of the time.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          // What is killed and what is flooded is to be back in time, which another file's work would make late.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
