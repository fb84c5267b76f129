import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { charsOf } from "../../../core/audit/answer-chars.ts";
import type { ArgumentsMode } from "../../../core/audit/arguments.ts";
import { createAudit } from "../../../core/audit/audit.ts";
import { auditLimits } from "../../../core/audit/audit-limits.ts";
import { lineOf } from "../../../core/audit/record.ts";
import { OrchestratorError } from "../../../core/errors.ts";
import { createRedact } from "../../../core/registry/redaction.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, ManualClock } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** An audit whose lines are kept, those that are open apart. */
function startAudit({ mode = "hash", secret }: { mode?: ArgumentsMode; secret?: string } = {}) {
  const lines: string[] = [];
  const open = new Map<number, string>();
  let opened = 0;
  const clock = new ManualClock(Date.UTC(2026, 10, 30));
  const audit = createAudit({
    sink: {
      add: (record) => void lines.push(lineOf(record)),
      open(record) {
        const id = ++opened;
        open.set(id, lineOf(record));
        return {
          close(closed) {
            open.delete(id);
            lines.push(lineOf(closed));
          },
        };
      },
    },
    clock,
    ...{ principal: "owner", session: "default", mode, sha256 },
    redact: () => createRedact(secret === undefined ? [] : [{ name: "SECRET", value: secret }]),
    newRunId: () => "run_1",
  });
  const records = () => lines.map((line): Record<string, unknown> => JSON.parse(line));
  return { audit, clock, lines, records, open };
}

const request = { requestId: "req-1", input: { code: "return 1", args: { n: 1 } } };

describe("a run", () => {
  test("is one record with who, what, and what became of it", { tags: ["audit.records"] }, () => {
    const { audit, clock, records } = startAudit();
    const run = audit.run(request);
    run.waited({ queueMs: 3, isolateMs: 5 });
    clock.advance(20);
    const answer = { ok: false, errors: [{ code: "run_timeout" as const }] };
    run.end(answer);

    expect(records()).toEqual([
      {
        ...{ time: "2026-11-30T00:00:00.000Z", action: "execute", outcome: "failed", code: "run_timeout" },
        ...{ requestId: "req-1", run: "run_1", principal: "owner", session: "default" },
        ...{ program: sha256("return 1"), argumentsHash: `sha256:${sha256('{"n":1}')}` },
        ...{ durationMs: 20, queueMs: 3, isolateMs: 5, calls: 0 },
        answerChars: charsOf(answer, 100),
      },
    ]);
  });

  test("says how many calls it made, and of which servers", { tags: ["audit.records"] }, () => {
    const { audit, records } = startAudit();
    const calls = [...Array(9).keys()].map((at) => ({ server: `s${at}` }));
    audit.run(request).end({ ok: true, calls: [{ server: "s0", count: 3 }, ...calls], callsOmitted: 2 });
    expect(records()).toMatchObject([{ calls: 14, servers: ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"] }]);
  });

  test("that never ended stands as lost", { tags: ["audit.durable"] }, () => {
    const { audit, lines, open } = startAudit();
    audit.run(request);
    expect(lines).toEqual([]);
    expect([...open.values()].map((line) => JSON.parse(line))).toMatchObject([{ action: "execute", outcome: "lost" }]);
  });
});

describe("a call", () => {
  const call = { server: "hub", tool: "create_issue", argsJson: '{"title":"a"}' };

  test("is written down before it is sent, and once", { tags: ["audit.durable"] }, () => {
    const { audit, records, open } = startAudit();
    const recorded = audit.run(request).call(call);
    expect(open.size).toBe(1);
    recorded.sent();
    recorded.sent();
    expect([...open.values()].map((line) => JSON.parse(line)).slice(1)).toMatchObject([
      { action: "call", outcome: "unknown", run: "run_1", requestId: "req-1", server: "hub", tool: "create_issue" },
    ]);

    recorded.settle("succeeded");
    recorded.answered({ number: 12 });
    recorded.end();
    expect(open.size).toBe(1);
    const answerChars = '{"number":12}'.length + 1;
    expect(records()).toMatchObject([
      { action: "call", outcome: "succeeded", answerChars, argumentsHash: expect.stringMatching(/^sha256:/) },
    ]);
  });

  test.each([
    ["a rule", new OrchestratorError("rate_limited", "later"), { action: "denial", rule: "rate_limited" }],
    ["its own fault", new OrchestratorError("invalid_arguments", "no"), { action: "call", code: "invalid_arguments" }],
  ])("that was refused by %s names it", { tags: ["audit.records"] }, (_by, error, expected) => {
    const { audit, records } = startAudit();
    audit.run(request).call(call).end(error);
    expect(records()).toMatchObject([{ outcome: "not_started", server: "hub", ...expected }]);
  });

  test("that is refused in a loop is counted, and hides no call that was sent", { tags: ["audit.bounded"] }, () => {
    const { audit, records } = startAudit();
    const run = audit.run(request);
    const refused = new OrchestratorError("server_not_allowed", "no");
    for (let times = 0; times < auditLimits.refusedCallsMax + 7; times += 1) run.call(call).end(refused);
    const sent = run.call(call);
    sent.sent();
    sent.settle("succeeded");
    sent.end();
    run.end({ ok: true });

    const all = records();
    expect(all.filter(({ rule }) => rule === "server_not_allowed")).toHaveLength(auditLimits.refusedCallsMax);
    expect(all.filter(({ count }) => count === 7)).toHaveLength(1);
    expect(all.filter(({ action, outcome }) => action === "call" && outcome === "succeeded")).toHaveLength(1);
  });
});

describe("arguments", () => {
  const argsJson = JSON.stringify({
    title: "uses hunter2-hunter2",
    password: "x",
    nested: [{ apiKey: "y", token: 5, isSecret: true, at: null }],
  });

  const recorded = (mode: ArgumentsMode, json = argsJson) => {
    const { audit, records, lines } = startAudit({ mode, secret: "hunter2-hunter2" });
    audit.run({ requestId: undefined, input: {} }).call({ server: "hub", tool: "a", argsJson: json }).end();
    return { record: records()[0] ?? {}, line: lines[0] ?? "" };
  };

  test("are left out, hashed, or recorded as the operator chose", { tags: ["audit.arguments"] }, () => {
    expect(recorded("none").record).not.toHaveProperty("argumentsHash");
    expect(recorded("hash").record).toMatchObject({ argumentsHash: `sha256:${sha256(argsJson)}` });
    expect(recorded("hash").record).not.toHaveProperty("arguments");
    expect(recorded("full").record).toMatchObject({ argumentsHash: `sha256:${sha256(argsJson)}` });
  });

  test("are recorded without what is named like a secret or known as one", { tags: ["audit.arguments"] }, () => {
    const { record, line } = recorded("full");
    expect(record.arguments).toEqual({
      title: "uses [secret SECRET]",
      password: "[hidden]",
      nested: [{ apiKey: "[hidden]", token: "[hidden]", isSecret: true, at: null }],
    });
    expect(line).not.toContain("hunter2");
  });

  test.each([
    ["in the name of a field", { "hunter2-hunter2": { "a hunter2-hunter2": 1 } }],
    ["in a list", [["hunter2-hunter2"]]],
    ["in JSON within a text", [JSON.stringify({ a: "hunter2-hunter2" })]],
    ["in an address", ["https://x.example/?a=hunter2-hunter2"]],
    ["under a name of secrets that nobody knows", { passphrase: "hunter2", cookie: "hunter2", "x-pin": 23456, otp: [1] }],
  ])("are recorded without a secret %s", { tags: ["audit.arguments"] }, (_where, args) => {
    expect(recorded("full", JSON.stringify(args)).line).not.toMatch(/hunter2|23456/);
  });

  test("are recorded without a secret that a program wrote with escapes, or as a number", { tags: ["audit.arguments"] }, () => {
    expect(recorded("full", '["\\u0068unter2-hunter2"]').line).not.toContain("unter2");
    const { audit, lines } = startAudit({ mode: "full", secret: "98765432" });
    audit.run({ requestId: undefined, input: {} }).call({ server: "hub", tool: "a", argsJson: "[98765432]" }).end();
    expect(lines[0]).toContain('["[secret SECRET]"]');
  });

  test("of a refused call leave no secret in its names either", { tags: ["audit.arguments"] }, () => {
    const { audit, lines } = startAudit({ mode: "none", secret: "hunter2-hunter2" });
    const call = audit
      .run({ requestId: undefined, input: {} })
      .call({ server: "hunter2-hunter2", tool: "hunter2-hunter2", argsJson: "" });
    call.end();
    expect(lines[0]).not.toContain("hunter2");
  });

  test.each([
    ["too long", JSON.stringify("x".repeat(auditLimits.argumentsCharsMax)), /^\[\d+ characters\]$/],
    ["too deep", `${"[".repeat(1_000)}${"]".repeat(1_000)}`, /^\[deeper than/],
    ["no JSON", "{", /^\[no JSON\]$/],
  ])("that are %s are named in their place", { tags: ["audit.bounded"] }, (_how, json, expected) => {
    expect(recorded("full", json).record.arguments).toMatch(expected);
  });

  test("that are as long as allowed are whole", () => {
    const text = "x".repeat(auditLimits.argumentsCharsMax - 2);
    expect(recorded("full", JSON.stringify(text)).record.arguments).toBe(text);
  });
});

test("no name makes a second line, or hides itself in a terminal", { tags: ["audit.forged"] }, () => {
  const { audit, lines, records } = startAudit();
  const forged = '{"action":"execute","outcome":"succeeded"}';
  for (const breaks of ["\n", "\r\n", "\u2028", "\u2029", "\u0085", "\u001b[2K", "\u202e", "\u{e0041}", "\ud800"]) {
    audit
      .run({ requestId: undefined, input: {} })
      .call({ server: `hub${breaks}${forged}`, tool: `a${breaks}`, argsJson: "{}" })
      .end();
  }
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(records().every(({ action, server }) => action === "call" && String(server).startsWith("hub"))).toBe(true);
});

test("a long name is cut", { tags: ["audit.bounded"] }, () => {
  const { audit, lines } = startAudit();
  audit
    .run({ requestId: undefined, input: {} })
    .call({ server: "s".repeat(10_000), tool: "t".repeat(10_000), argsJson: "{}" })
    .end();
  expect(lines[0]?.length).toBeLessThan(1_000);
});

test("a program cannot write a record, and each of its calls has one", { tags: ["audit.forged", "audit.records"] }, async () => {
  const { audit, records } = startAudit();
  const upstream = new FakeUpstream({ hub: { tools: [tool("look")], answers: { look: textResult("seen") } } });
  const session = startSession({ servers: [serverEntry("hub")], upstream });
  const fake = JSON.stringify({ action: "call", server: "vault", tool: "open", outcome: "succeeded" });
  const code = `console.log(${JSON.stringify(`${fake}\n${fake}`)}); await hub.look({}); return ${JSON.stringify(fake)};`;
  const run = audit.run({ requestId: "r", input: { code } });
  const outcome = await session.orchestrator.execute(
    { code },
    { signal: new AbortController().signal, onProgress: () => {}, audit: run },
  );
  run.end(outcome);

  expect(records()).toMatchObject([
    { action: "call", server: "hub", tool: "look", outcome: "succeeded", run: "run_1" },
    { action: "execute", outcome: "succeeded", calls: 1, servers: ["hub"], isReadBefore: false },
  ]);
});

test("each use of a standing rule is in the record of its call, and no other call's", {
  tags: ["approvals.standing"],
}, async () => {
  const { audit, records } = startAudit();
  const tools = [tool("send_mail"), tool("look", { annotations: { readOnlyHint: true } })];
  const office = serverEntry("office", { sensitivity: "high", tools: { alwaysAllow: ["send_m*", "look"] } });
  const { orchestrator } = startSession({ servers: [office], upstream: new FakeUpstream({ office: { tools } }) });
  const input = {
    code: `await office.send_mail({}); await office.look({});`,
    allowedMcpIds: ["office"],
  };
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  await orchestrator.execute(input, { ...options, audit: audit.run({ requestId: undefined, input }) });
  const used = records().map(({ tool: name, standingRule, outcome }) => [name, standingRule, outcome]);
  expect(used).toEqual([
    ["send_mail", "send_m*", "succeeded"],
    ["look", undefined, "succeeded"],
  ]);
});
