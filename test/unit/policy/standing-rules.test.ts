import { describe, expect, test } from "vitest";
import { approvalReason, mayAsk, standingRule } from "../../../core/policy/approvals.ts";
import { parseRegistry } from "../../../core/registry/registry.ts";
import { type ToolRules, withRulesFor } from "../../../core/registry/tool-rules.ts";
import { isCalled, principalOf } from "../../../worker/principals.ts";
import { registryText, serverEntry, tool } from "../../support/builders.ts";

const nightly = "token:nightly";

/** Whether a call of the principal is asked about, and by which rule; or the standing rule by which it is not. */
function verdict(tools: ToolRules, { of = nightly, name = "drop_old", sensitivity = "high" as "high" | "low" } = {}): string {
  const server = withRulesFor(serverEntry("vault", { sensitivity, tools }), (called) => called === of);
  const reason = approvalReason(server, tool(name));
  if (reason !== undefined) expect(mayAsk(server)).toBe(true);
  const standing = standingRule(server, tool(name));
  return reason === undefined ? `free${standing === undefined ? "" : ` by ${standing}`}` : `${reason.rule}: ${reason.limit}`;
}

describe("a rule for one principal", { tags: ["approvals.principal"] }, () => {
  const forNightly = (rules: object, all: object = {}) => ({ ...all, principals: { [nightly]: rules } });

  test.each<[rule: string, tools: ToolRules, mine: string, others: string]>([
    ["exempts only them", forNightly({ alwaysAllow: ["drop_*"] }), "free by drop_* for token:nightly", "sensitivity: high"],
    [
      "asks only them",
      forNightly({ ask: ["drop_*"] }, { alwaysAllow: ["*"] }),
      "tools.ask: drop_* for token:nightly",
      "free by *",
    ],
    [
      "counts before what holds for all, even if that says more",
      forNightly({ alwaysAllow: ["*"] }, { ask: ["drop_old"] }),
      "free by * for token:nightly",
      "tools.ask: drop_old",
    ],
    [
      "does not count where none of its patterns fits",
      forNightly({ alwaysAllow: ["read_*"] }, { ask: ["drop_old"] }),
      "tools.ask: drop_old",
      "tools.ask: drop_old",
    ],
    [
      "counts by the pattern that says more, and of equals asks",
      forNightly({ alwaysAllow: ["drop_*", "drop_old"], ask: ["drop_old", "*"] }),
      "tools.ask: drop_old for token:nightly",
      "sensitivity: high",
    ],
  ])("%s", (_rule, tools, mine, others) => {
    expect([verdict(tools), verdict(tools, { of: "owner" })]).toEqual([mine, others]);
  });

  test("asks at a server where nobody else is asked", () => {
    const tools = forNightly({ ask: ["drop_old"] });
    expect(verdict(tools, { sensitivity: "low" })).toBe("tools.ask: drop_old for token:nightly");
    expect(verdict(tools, { of: "owner", sensitivity: "low" })).toBe("free");
    expect(mayAsk(withRulesFor(serverEntry("vault", { tools }), (name) => name === "owner"))).toBe(false);
  });
});

test("a principal is called by its token's name, its JWT's subject or its binding's principal, or as the audit shows it", {
  tags: ["approvals.principal"],
}, () => {
  const jwtIssuer = "https://issuer.example";
  const token = principalOf({ issuer: "token", subject: "nightly" });
  const jwt = principalOf({ issuer: jwtIssuer, subject: "job|7" });
  const names = ["owner", nightly, "jwt:job|7", "binding:support", token];
  const called = (principal: string, issuer: string | undefined = jwtIssuer) =>
    names.filter((name) => isCalled(name, { principal, jwtIssuer: issuer }));
  expect(called("owner")).toEqual(["owner"]);
  expect(called(token)).toEqual([nightly, token]);
  expect(called(jwt)).toEqual(["jwt:job|7"]);
  expect(called(jwt, "https://other.example")).toEqual([]);
  expect(called("support")).toEqual(["binding:support"]);
  expect(called(nightly)).toEqual([]);
});

test("the registry refuses a principal that nobody can be, and says what one is called", {
  tags: ["approvals.principal"],
}, () => {
  const read = (tools: object) => parseRegistry(registryText({ id: "vault", tools }));
  const rules = { alwaysAllow: ["x"] };
  expect(read({ principals: { [nightly]: rules, "jwt:a|b": rules, owner: rules } }).problems).toEqual([]);
  const wrong = [{ nightly: rules }, { u_short: rules }, { "jwt:": rules }];
  for (const principals of wrong) {
    const { problems, servers } = read({ principals });
    expect(problems).toMatchObject([{ message: expect.stringContaining('"token:" and a name of AUTH_TOKENS') }]);
    expect(servers).toEqual([]);
  }
  expect(read({ principals: { owner: { allow: ["x"] } } }).problems).toMatchObject([
    { path: "servers[0].tools.principals.owner.allow" },
  ]);
});
