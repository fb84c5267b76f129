import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { startBackground } from "../support/background-process.ts";
import { type Product, startProduct } from "../support/product.ts";
import { startTokenProxy, type TokenProxy } from "../support/token-proxy.ts";

/*
 * The official conformance suite against /mcp, with the scenarios that apply to a server with three tools. Some scenarios also
 * check what this server lacks: a tool that exists only for the suite, prompts, resources. Those checks are listed here, and all
 * others must pass.
 */

interface Scenario {
  protocol: "2025-11-25" | "2026-07-28";
  scenario: string;
  /** Checks of features that this server lacks. */
  outOfReach?: string[];
}

const scenarios: Scenario[] = [
  { protocol: "2025-11-25", scenario: "server-initialize" },
  { protocol: "2025-11-25", scenario: "server-session-lifecycle" },
  { protocol: "2025-11-25", scenario: "ping" },
  { protocol: "2025-11-25", scenario: "tools-list" },
  { protocol: "2025-11-25", scenario: "logging-set-level" },
  { protocol: "2025-11-25", scenario: "dns-rebinding-protection" },
  { protocol: "2026-07-28", scenario: "tools-list" },
  { protocol: "2026-07-28", scenario: "http-header-validation" },
  { protocol: "2026-07-28", scenario: "dns-rebinding-protection" },
  { protocol: "2026-07-28", scenario: "server-sse-multiple-streams" },
  { protocol: "2026-07-28", scenario: "sep-2164-resource-not-found" },
  {
    protocol: "2026-07-28",
    scenario: "server-stateless",
    // Both call the tool "test_missing_capability", which only a server made for the suite has.
    outOfReach: ["sep-2575-missing-capability-http-400", "sep-2575-server-rejects-undeclared-capability"],
  },
  { protocol: "2025-11-25", scenario: "resources-list" },
  { protocol: "2025-11-25", scenario: "prompts-list" },
  { protocol: "2026-07-28", scenario: "resources-list" },
  { protocol: "2026-07-28", scenario: "prompts-list" },
  { protocol: "2026-07-28", scenario: "caching" },
  { protocol: "2026-07-28", scenario: "input-required-result-unsupported-methods" },
  { protocol: "2026-07-28", scenario: "input-required-result-ignore-extra-params" },
];

const Checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

let open: Product;
let closed: Product;
let authorised: TokenProxy;

beforeAll(async () => {
  [open, closed] = await Promise.all([
    startProduct({ registry: { servers: [] } }),
    startProduct({ registry: { servers: [] }, isClosed: true }),
  ]);
  authorised = await startTokenProxy(closed.port, await closed.authToken());
});

afterAll(async () => {
  await authorised?.[Symbol.asyncDispose]();
  await Promise.all([open?.[Symbol.asyncDispose](), closed?.[Symbol.asyncDispose]()]);
});

// The suite cannot send a token itself.
it.each(scenarios)("with authentication, $protocol: $scenario", { tags: ["surface.protocols", "access.scopes"] }, (scenario) =>
  conforms(authorised.url, scenario),
);

// Without authentication these are refused by other rules.
it.each(scenarios.filter(({ scenario }) => scenario === "dns-rebinding-protection"))(
  "without, $protocol: $scenario",
  { tags: ["surface.protocols", "access.browsers"] },
  (scenario) => conforms(open.url, scenario),
);

async function conforms(url: string, { protocol, scenario, outOfReach = [] }: Scenario): Promise<void> {
  await using suite = await startBackground({
    args: (folder) => [
      "node_modules/@modelcontextprotocol/conformance/dist/index.js",
      "server",
      ...["--url", `${url}/mcp`, "--scenario", scenario, "--spec-version", protocol, "--output-dir", join(folder, "results")],
    ],
  });
  const exitCode = await suite.exited();
  const checks = await readChecks(join(suite.folder, "results"), suite.output());

  const failed = checks.filter(({ status }) => status === "FAILURE").map(({ id }) => id);
  expect(failed.sort(), suite.output()).toEqual(outOfReach);
  expect(exitCode).toBe(outOfReach.length === 0 ? 0 : 1);
  expect(checks.some(({ status }) => status === "SUCCESS")).toBe(true);
}

async function readChecks(results: string, output: string): Promise<z.infer<typeof Checks>> {
  const [folder] = await readdir(results).catch(() => []);
  if (folder === undefined) throw new Error(`The suite left no results:\n${output}`);
  return Checks.parse(JSON.parse(await readFile(join(results, folder, "checks.json"), "utf8")));
}
