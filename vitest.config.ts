import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { promises } from "./test/promises.ts";
import { stdioRegistry } from "./test/support/stdio-registry.ts";
import { buildAll } from "./worker/sandbox/build.ts";

await buildAll();

/*
 * Three rooms, each where its subject really runs: Node, workerd with a real Loader and a real object, and the whole
 * product in processes of its own. One after another, so that none is slowed by the next.
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
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { BRIDGE_TOKEN: "test-bridge-token", MCP_REGISTRY: stdioRegistry } },
          }),
        ],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"], testTimeout: 30_000, sequence: { groupOrder: 1 } },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // Each file starts products of its own; two cores serve one at a time.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
