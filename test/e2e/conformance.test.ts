import { afterAll, beforeAll, it } from "vitest";
import { conforms, type Scenario } from "../support/conformance.ts";
import { type Product, startProduct } from "../support/product.ts";
import { startTokenProxy, type TokenProxy } from "../support/token-proxy.ts";

/*
 * The official conformance suite against /mcp, with the scenarios that apply to a server with three tools. Some scenarios also
 * check what this server lacks: a tool that exists only for the suite, prompts, resources. Those checks are listed here, and all
 * others must pass.
 */

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
  conforms(`${authorised.url}/mcp`, scenario),
);

// Without authentication these are refused by other rules.
it.each(scenarios.filter(({ scenario }) => scenario === "dns-rebinding-protection"))(
  "without, $protocol: $scenario",
  { tags: ["surface.protocols", "access.browsers"] },
  (scenario) => conforms(`${open.url}/mcp`, scenario),
);
