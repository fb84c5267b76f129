import { describe, expect, test } from "vitest";
import type { AskedCall } from "../../../core/journal/asked-calls.ts";
import type { ToolRules } from "../../../core/registry/tool-rules.ts";
import { PausedRuns } from "../../../core/run/paused-runs.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/* The same call in every way to write it: a person is asked about each, sees what would be sent, and refuses. */

const wish = { path: "/data", id: 7 };
const vault = serverEntry("the-vault", { sensitivity: "high" });

/** What a person was asked about, what the program returned, and what reached the server. */
async function runAsked(code: string) {
  const upstream = new FakeUpstream({
    "the-vault": { tools: [tool("drop-all"), tool("look", { annotations: { readOnlyHint: true } })] },
  });
  const { orchestrator } = startSession({ servers: [vault], upstream });
  const shown: Pick<AskedCall, "server" | "tool" | "argsJson">[] = [];
  const options = { signal: new AbortController().signal, onProgress: () => {}, approve: refuse };
  async function refuse({ server, tool: name, argsJson }: AskedCall): Promise<void> {
    shown.push({ server, tool: name, argsJson });
    throw Object.assign(new Error("refused"), { code: "denied" });
  }
  const outcome = await orchestrator.execute({ code, allowedMcpIds: ["the-vault"] }, options);
  return { shown, outcome, sent: upstream.called };
}

describe("a call that needs a person", { tags: ["approvals.needed", "approvals.denied"] }, () => {
  const args = JSON.stringify(wish);
  test.each([
    ["the client", `await the_vault.drop_all(${args});`],
    ["its name in brackets", `await the_vault["drop_all"](${args});`],
    ["a variable", `const { drop_all: harmless } = the_vault; await harmless(${args});`],
    ["a module of its tool", `import look from "mcp-clients/the-vault/drop-all"; await look(${args});`],
    ["a module of its server", `import { drop_all as look } from "mcp-clients/the-vault"; await look(${args});`],
    ["$call", `await the_vault.$call("drop-all", ${args});`],
    ["$raw", `await the_vault.$raw("drop-all", ${args});`],
    ["a name that is made", `await the_vault.$call(["drop", "all"].join("-"), ${args});`],
    ["Reflect", `await Reflect.apply(the_vault.drop_all, undefined, [${args}]);`],
    ["a toJSON", `await the_vault.$call("drop-all", { toJSON: () => (${args}) });`],
    [
      "a getter that changes",
      `let n = 0; await the_vault.$call("drop-all", { get path() { return n++ === 0 ? "/data" : "/tmp"; }, id: 7 });`,
    ],
  ])("is asked about by %s", async (_how, code) => {
    const { shown, outcome, sent } = await runAsked(code);
    expect(outcome).toMatchObject({ ok: false });
    expect(shown).toEqual([{ server: "the-vault", tool: "drop-all", argsJson: args }]);
    expect(sent).toEqual([]);
  });
});

test.each<[isRecorded: boolean, when: string, tools: ToolRules]>([
  [true, "a call of any of its tools may be asked about", {}],
  [false, "its rules exempt each of its tools", { alwaysAllow: ["drop*"] }],
  [false, "those that would be asked about do not exist for programs", { deny: ["drop-all"] }],
])("the calls of a program are recorded (%s) where %s", { tags: ["approvals.outlives"] }, async (isRecorded, _when, tools) => {
  const entry = serverEntry("vault", { sensitivity: "high", tools });
  const listed = [tool("drop-all"), tool("look", { annotations: { readOnlyHint: true } })];
  const { orchestrator } = startSession({ servers: [entry], upstream: new FakeUpstream({ vault: { tools: listed } }) });
  let programs = 0;
  const { clock, store } = startSession({ servers: [] });
  const journal = new PausedRuns({ store, clock, sha256: (text) => text }).newJournal("seed");
  const counted = {
    asked: journal.asked,
    unmade: () => [],
    program: () => {
      programs += 1;
      return journal.program();
    },
  };
  const input = { code: "return await vault.look({});", allowedMcpIds: ["vault"] };
  const options = { signal: new AbortController().signal, onProgress: () => {}, journal: () => counted };
  expect(await orchestrator.execute(input, options)).toMatchObject({ ok: true });
  expect(programs).toBe(isRecorded ? 1 : 0);
});
