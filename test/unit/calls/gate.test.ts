import { afterEach, describe, expect, test, vi } from "vitest";
import type { CallForm } from "../../../core/calls/call-form.ts";
import { createGate } from "../../../core/calls/gate.ts";
import { createLedger } from "../../../core/calls/ledger.ts";
import { createRunNotifications } from "../../../core/calls/progress.ts";
import type { CallReply } from "../../../core/calls/tool-caller.ts";
import { OrchestratorError, UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { createTraffic, type Traffic } from "../../../core/policy/traffic.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { errorResult, serverEntry, textResult, tool } from "../../support/builders.ts";
import { type Answer, FakeUpstream, ManualClock, neverAnswers, nobodyAsks } from "../../support/fakes.ts";

const tools = [tool("look", { annotations: { readOnlyHint: true } }), tool("create_issue"), tool("odd name")];

interface World {
  approve?: () => Promise<void>;
  server?: ServerEntry;
  answers?: Record<string, Answer>;
  features?: Record<string, unknown>;
  clock?: ManualClock;
  traffic?: Traffic;
  runMs?: number;
  toolsOf?: () => typeof tools | undefined;
  toolsNow?: () => typeof tools;
  hasChanged?: () => boolean;
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** A run that may call the server "hub" but not "vault". */
function startRun(world: World = {}) {
  const {
    server = serverEntry("hub"),
    answers = {},
    clock = new ManualClock(),
    traffic = createTraffic({ clock }),
    runMs = 10_000,
  } = world;
  const upstream = new FakeUpstream({ hub: { tools, answers, features: world.features ?? {} } });
  const ledger = createLedger(clock.now);
  const end = new AbortController();
  const told: string[] = [];
  const startedAt = clock.now();
  const run = {
    allowed: [server],
    toolsOf: world.toolsOf ?? (() => tools),
    toolsNow: async () => world.toolsNow?.() ?? (world.toolsOf ? [] : tools),
    hasChanged: world.hasChanged ?? (() => false),
    deadline: () => startedAt + runMs,
    signal: end.signal,
    ledger,
    notifications: createRunNotifications({
      clock,
      onProgress: ({ message }) => told.push(message ?? ""),
      onLog: (server, line) => told.push(`${server}, ${line.level}: ${line.message}`),
    }),
    canAsk: true,
    ask: nobodyAsks,
    approve: world.approve,
  };
  const registered = [server, serverEntry("vault", { sensitivity: "high" }), serverEntry("other")];
  const gate = createGate({ run, upstream, clock, random: () => 0.5, traffic, registered });
  const call = (name: string, args: unknown = {}, form: CallForm = "value") =>
    gate.callMcpTool("hub", name, JSON.stringify(args), form);
  const outcomes = () => ledger.records().map(({ tool: name, outcome, retrySafe }) => [name, outcome, retrySafe]);
  return { gate, call, upstream, ledger, outcomes, told, end, clock, traffic };
}

function errorOf(reply: CallReply) {
  return reply.ok ? undefined : reply.error;
}

describe("a call", () => {
  test("sends the arguments to the tool and returns the value of its result", async () => {
    const { call, upstream, outcomes } = startRun({ answers: { look: textResult('{"seen":true}') } });
    expect(await call("look", { at: [1, null] })).toEqual({ ok: true, value: { seen: true } });
    expect(upstream.called).toEqual([{ server: "hub", tool: "look", args: { at: [1, null] }, timeoutMs: 9_980, totalMs: 9_980 }]);
    expect(outcomes()).toEqual([["look", "succeeded", undefined]]);
  });

  test("in the raw form returns the whole result, even if it is an error", async () => {
    const { call, outcomes } = startRun({ answers: { look: textResult("a"), create_issue: errorResult("b") } });
    expect(await call("look", {}, "raw")).toEqual({ ok: true, value: textResult("a") });
    expect(await call("create_issue", {}, "raw")).toEqual({ ok: true, value: errorResult("b") });
    expect(outcomes()).toEqual([
      ["look", "succeeded", undefined],
      ["create_issue", "failed", false],
    ]);
  });

  test("that the tool answers with an error fails as tool_error with the content of the result", async () => {
    const { call, outcomes } = startRun({ answers: { create_issue: errorResult("No such repository.") } });
    expect(errorOf(await call("create_issue"))).toEqual({
      code: "tool_error",
      message: "No such repository.",
      content: [{ type: "text", text: "No such repository." }],
    });
    expect(outcomes()).toEqual([["create_issue", "failed", false]]);
  });
});

describe("a refusal", () => {
  test.each([
    ["vault", "server_not_allowed", 'of high sensitivity. Add "vault" to allowedMcpIds', { rule: "sensitivity", limit: "high" }],
    ["other", "server_not_allowed", "is not in this run's allowedMcpIds", { rule: "allowedMcpIds", limit: "other" }],
    ["nope", "server_unknown", 'No server "nope"', {}],
    ["__proto__", "server_unknown", 'No server "__proto__"', {}],
    ["HUB", "server_unknown", 'No server "HUB"', {}],
  ])("of a call to server %s has the code %s", { tags: ["allow.at-call"] }, async (id, code, message, verdict) => {
    const { gate, upstream } = startRun();
    expect(errorOf(await gate.callMcpTool(id, "look", "{}", "value"))).toEqual({
      code,
      message: expect.stringContaining(message),
      ...verdict,
    });
    expect(upstream.called).toEqual([]);
  });

  test.each([
    ["creatIssue", "Closest: create_issue.", ["create_issue"]],
    ["odd_name", "Closest: odd name.", ["odd name"]],
    ["constructor", "Its tools: ", undefined],
  ])("of the unknown tool %s names the closest tools", async (name, hint, suggestions) => {
    const { call, upstream } = startRun();
    expect(errorOf(await call(name))).toEqual({ code: "tool_unknown", message: expect.stringContaining(hint), suggestions });
    expect(upstream.called).toEqual([]);
  });

  test("of a server or tool name of 20 MB is quick and short", async () => {
    const { gate } = startRun();
    const huge = "x".repeat(20_000_000);
    for (const reply of [
      await gate.callMcpTool("hub", huge, "{}", "value"),
      await gate.callMcpTool(huge, "look", "{}", "value"),
    ]) {
      expect(JSON.stringify(reply).length).toBeLessThan(1_000);
    }
  });

  test("of a call to a server whose tools could not be listed gives the reason", async () => {
    const { call } = startRun({
      toolsOf: () => {
        throw new OrchestratorError("bridge_offline", "No bridge is connected.");
      },
    });
    expect(errorOf(await call("look"))).toEqual({ code: "bridge_offline", message: "No bridge is connected." });
    expect(errorOf(await startRun({ toolsOf: () => undefined }).call("look"))).toMatchObject({ code: "tool_unknown" });
  });

  test.each([[[]], ["text"], [7], [null], [true]])("of arguments that are not an object sends nothing: %j", async (args) => {
    const { call, upstream, outcomes } = startRun();
    expect(errorOf(await call("look", args))).toEqual({
      code: "invalid_arguments",
      message: "hub.look takes one object with named arguments.",
    });
    expect(upstream.called).toEqual([]);
    expect(outcomes()).toEqual([["look", "not_started", true]]);
  });

  test.each(["", "undefined", "{", "{} {}"])(
    "of arguments that are not JSON is invalid_arguments and not an internal error: %j",
    async (argsJson) => {
      const { gate } = startRun();
      expect(errorOf(await gate.callMcpTool("hub", "look", argsJson, "value"))).toMatchObject({ code: "invalid_arguments" });
    },
  );

  test("of a tool that its server has changed sends nothing, and the call is recorded as not_started", async () => {
    const { call, upstream, outcomes } = startRun({ hasChanged: () => true });
    expect(errorOf(await call("look"))).toMatchObject({ code: "tool_changed", message: expect.stringContaining("hub.look") });
    expect(upstream.called).toEqual([]);
    expect(outcomes()).toEqual([["look", "not_started", true]]);
  });

  test("of arguments is given one character over callArgumentsCharsMax, and not at the limit", async () => {
    const { gate, upstream } = startRun();
    const argsJson = JSON.stringify({ a: "x".repeat(limits.callArgumentsCharsMax - '{"a":""}'.length) });
    expect(await gate.callMcpTool("hub", "look", argsJson, "value")).toMatchObject({ ok: true });
    expect(errorOf(await gate.callMcpTool("hub", "look", `${argsJson} `, "value"))).toMatchObject({ code: "invalid_arguments" });
    expect(upstream.called).toHaveLength(1);
  });
});

describe("calls under way at once", () => {
  test.each(["its server", "a person"])(
    "are at most callsInFlightMax, those that wait for %s too; then there is room again",
    {
      tags: ["limits.in-flight"],
    },
    async (whom) => {
      const release = Promise.withResolvers<void>();
      const waits = () => release.promise;
      const { call, upstream } = startRun({
        server: serverEntry("hub", { tools: { ask: ["look"] }, limits: { callsPerRun: 5_000, concurrency: 5_000 } }),
        ...(whom === "a person" && { approve: waits }),
        answers: { look: () => (whom === "a person" ? Promise.resolve() : waits()).then(() => textResult("ok")) },
      });
      const made = Array.from({ length: limits.callsInFlightMax }, () => call("look"));
      expect(errorOf(await call("look"))).toEqual({
        code: "too_many_calls",
        message: `A run may have ${limits.callsInFlightMax} calls in flight at once; this one exceeds the limit. Await some calls before starting more.`,
        rule: "callsInFlight",
        limit: limits.callsInFlightMax,
      });
      release.resolve();
      expect((await Promise.all(made)).every((reply) => reply.ok)).toBe(true);
      expect((await call("look")).ok).toBe(true);
      expect(upstream.called).toHaveLength(limits.callsInFlightMax + 1);
    },
  );

  test("may not exceed argumentCharsInFlightMax with their arguments together; one more waits for room", {
    tags: ["limits.in-flight"],
  }, async () => {
    const release = Promise.withResolvers<void>();
    const { call, outcomes } = startRun({ answers: { look: async () => release.promise.then(() => textResult("ok")) } });
    const args = { text: "x".repeat(limits.callArgumentsCharsMax - 11) };
    const made = Array.from({ length: limits.argumentCharsInFlightMax / limits.callArgumentsCharsMax }, () => call("look", args));
    expect(errorOf(await call("look"))).toEqual({
      code: "too_many_calls",
      message: expect.stringContaining(`${limits.argumentCharsInFlightMax} characters`),
      rule: "argumentsInFlight",
      limit: limits.argumentCharsInFlightMax,
    });
    expect(outcomes().at(-1)).toEqual(["look", "not_started", true]);
    release.resolve();
    expect((await Promise.all(made)).every((reply) => reply.ok)).toBe(true);
    expect((await call("look", args)).ok).toBe(true);
  });
});

describe("arguments that nest deep", () => {
  const nested = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;

  test("are refused beyond argumentsDepthMax, before anything is sent", { tags: ["limits.depth"] }, async () => {
    const { gate, upstream, outcomes } = startRun();
    expect((await gate.callMcpTool("hub", "look", nested(limits.argumentsDepthMax), "value")).ok).toBe(true);
    for (const levels of [limits.argumentsDepthMax + 1, 1_000_000]) {
      expect(errorOf(await gate.callMcpTool("hub", "look", nested(levels), "value"))).toEqual({
        code: "invalid_arguments",
        message: expect.stringContaining(`${limits.argumentsDepthMax} levels`),
      });
    }
    expect(upstream.called).toHaveLength(1);
    expect(outcomes().at(-1)).toEqual(["look", "not_started", true]);
  });
});

test("arguments of very many fields or lists are refused before anything reads them", { tags: ["limits.depth"] }, async () => {
  const { gate, upstream, outcomes } = startRun();
  const lists = (count: number) => `{"a":[${Array.from({ length: count }, () => "[]").join(",")}]}`;
  const fields = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join(",")}}`;
  for (const argsJson of [lists(limits.argumentsPartsMax), fields(limits.argumentNamesMax + 500)]) {
    expect(errorOf(await gate.callMcpTool("hub", "look", argsJson, "value"))).toEqual({
      code: "invalid_arguments",
      message: expect.stringMatching(/hub\.look have more than 250000 objects, lists, .* or more than 25000 different names/),
    });
  }
  expect(outcomes().at(-1)).toEqual(["look", "not_started", true]);
  const text = JSON.stringify({ a: "[{:".repeat(limits.argumentsPartsMax) });
  for (const argsJson of [lists(1_000), fields(1_000), text]) {
    expect((await gate.callMcpTool("hub", "look", argsJson, "value")).ok).toBe(true);
  }
  expect(upstream.called).toHaveLength(3);
});

describe("a flood of calls to tools that do not exist", () => {
  test("is answered without the closest names after the first", { tags: ["limits.calls"] }, async () => {
    const { call } = startRun();
    for (let made = 0; made < limits.suggestionsPerRunMax; made++) {
      expect(errorOf(await call("creatIssue"))).toMatchObject({ suggestions: ["create_issue"] });
    }
    expect(errorOf(await call("creatIssue"))).toEqual({ code: "tool_unknown", message: expect.stringContaining('"creatIssue"') });
  });
});

describe("a server's limits", () => {
  test("refuse a call over callsPerRun; another run starts at zero", { tags: ["limits.calls"] }, async () => {
    const world = {
      server: serverEntry("hub", { limits: { callsPerRun: 2 } }),
      traffic: createTraffic({ clock: new ManualClock() }),
    };
    const { call, upstream, outcomes } = startRun(world);
    expect([(await call("look")).ok, (await call("look")).ok]).toEqual([true, true]);
    expect(errorOf(await call("look"))).toEqual({
      code: "too_many_calls",
      message: expect.stringContaining("2 times"),
      rule: "limits.callsPerRun",
      limit: 2,
    });
    expect(upstream.called).toHaveLength(2);
    expect(outcomes().at(-1)).toEqual(["look", "not_started", true]);
    expect((await startRun(world).call("look")).ok).toBe(true);
  });

  test("apply callsPerMinute to all runs together, and accept a call again when the minute's share is refilled", {
    tags: ["limits.calls"],
  }, async () => {
    const clock = new ManualClock();
    const world = {
      server: serverEntry("hub", { limits: { callsPerMinute: 2 } }),
      traffic: createTraffic({ clock }),
      clock,
    };
    const { call, outcomes } = startRun(world);
    await call("look");
    expect((await startRun(world).call("look")).ok).toBe(true);
    expect(errorOf(await call("look"))).toEqual({
      code: "rate_limited",
      message: "hub takes 2 calls a minute from you, in all sessions together. The next one is free in 30000 ms.",
      rule: "limits.callsPerMinute",
      limit: 2,
      retryAfterMs: 30_000,
    });
    expect(outcomes()).toEqual([
      ["look", "succeeded", undefined],
      ["look", "not_started", true],
    ]);
    world.clock.advance(30_000);
    expect((await startRun(world).call("look")).ok).toBe(true);
  });

  test("queue calls over concurrency until another call ends", { tags: ["limits.calls"] }, async () => {
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    let started = 0;
    const { call, upstream } = startRun({
      server: serverEntry("hub", { limits: { concurrency: 2 } }),
      answers: {
        look: async () => {
          await gates[started++]?.promise;
          return textResult("ok");
        },
      },
    });
    const calls = [call("look"), call("look"), call("look")];
    await new Promise(setImmediate);
    expect(upstream.called).toHaveLength(2);
    gates[0]?.resolve();
    await new Promise(setImmediate);
    expect(upstream.called).toHaveLength(3);
    gates[1]?.resolve();
    gates[2]?.resolve();
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
  });

  test("count a failed call as ended, so that the next call can start", async () => {
    const { call } = startRun({
      server: serverEntry("hub", { limits: { concurrency: 1 } }),
      answers: { create_issue: new UpstreamError("call_timeout", "Too slow.", { delivery: "sent" }) },
    });
    await call("create_issue");
    expect(await call("look")).toEqual({ ok: true, value: "ok" });
  });
});

describe("the deadline", () => {
  test("of a call is the server's time limit or a moment before the run's end, whichever is earlier", async () => {
    const server = serverEntry("hub", { limits: { timeoutMs: 3_000 } });
    const { call, clock, upstream } = startRun({ server, runMs: 5_000 });
    await call("look");
    clock.advance(4_000);
    await call("look");
    expect(upstream.called.map(({ timeoutMs }) => timeoutMs)).toEqual([3_000, 980]);
    expect(upstream.called.map(({ totalMs }) => totalMs)).toEqual([4_980, 980]);
  });

  test("prevents a call from being sent when it has already passed", async () => {
    const { call, clock, upstream, outcomes } = startRun({ runMs: 5_000 });
    clock.advance(5_000);
    expect(errorOf(await call("look"))).toMatchObject({ code: "call_timeout" });
    expect(upstream.called).toEqual([]);
    expect(outcomes()).toEqual([["look", "not_started", true]]);
  });

  test("ends the call in flight as unknown and the queued call as not_started", async () => {
    const { call, end, outcomes } = startRun({
      server: serverEntry("hub", { limits: { concurrency: 1 } }),
      answers: { create_issue: neverAnswers },
    });
    const calls = [call("create_issue"), call("create_issue")];
    await new Promise(setImmediate);
    const waiting = outcomes();
    end.abort();
    expect((await Promise.all(calls)).map((reply) => errorOf(reply)?.code)).toEqual(["cancelled", "cancelled"]);
    const expected = [
      ["create_issue", "unknown", false],
      ["create_issue", "not_started", true],
    ];
    expect([waiting, outcomes()]).toEqual([expected, expected]);
  });
});

describe("the outcome of a failed call", () => {
  test.each([
    ["not_sent", "not_started", true],
    ["sent", "unknown", false],
    ["answered", "failed", false],
  ] as const)(
    "follows from the upstream's delivery: %s means %s",
    { tags: ["ledger.outcomes"] },
    async (delivery, outcome, retrySafe) => {
      const { call, outcomes } = startRun({
        answers: { create_issue: new UpstreamError("auth_required", "m", { delivery }) },
      });
      expect(errorOf(await call("create_issue"))).toEqual({ code: "auth_required", message: "m" });
      expect(outcomes()).toEqual([["create_issue", outcome, retrySafe]]);
    },
  );

  test("is safe to retry if the tool is read-only", async () => {
    const { call, outcomes } = startRun({ answers: { look: new UpstreamError("call_timeout", "m", { delivery: "sent" }) } });
    await call("look");
    expect(outcomes()).toEqual([["look", "unknown", true]]);
  });

  test("is unknown if the upstream throws another error, whose text is not shown to the program", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const { call, outcomes } = startRun({ answers: { create_issue: new TypeError("secret") } });
    const reply = await call("create_issue");
    expect(errorOf(reply)?.code).toBe("internal");
    expect(JSON.stringify(reply)).not.toContain("secret");
    expect(log).toHaveBeenCalledOnce();
    expect(outcomes()).toEqual([["create_issue", "unknown", false]]);
  });
});

describe("the notifications of a server during a call", () => {
  test("are passed on as log lines with the server's name and as progress messages with the tool's name", async () => {
    const { call, told } = startRun({
      answers: {
        look(_args, { onLog, onProgress }) {
          onLog?.({ level: "warn", message: "slow" });
          onProgress?.({ progress: 3, total: 10, message: "three\n of ten" });
          onProgress?.({ progress: 0.333333 });
          return textResult("ok");
        },
      },
    });
    await call("look");
    expect(told).toEqual(["hub, warn: slow", "hub.look: 3/10 three of ten", "hub.look: 0.33"]);
  });

  test("are received by one listener for all calls to a server", async () => {
    const ears = new Set<unknown>();
    const { call } = startRun({
      answers: {
        look(_args, { onLog }) {
          ears.add(onLog);
          return textResult("ok");
        },
      },
    });
    await Promise.all([call("look"), call("look", {}, "raw"), call("look")]);
    expect(ears.size).toBe(1);
  });

  test("are passed on up to callProgressPerMinute, and again as the minute's share is refilled", async () => {
    const clock = new ManualClock();
    const { call, told } = startRun({
      clock,
      answers: {
        look(_args, { onProgress }) {
          for (let step = 0; step < 2 * limits.callProgressPerMinute; step++) onProgress?.({ progress: step });
          return textResult("ok");
        },
      },
    });
    await call("look");
    expect(told).toHaveLength(limits.callProgressPerMinute);
    clock.advance(1_000);
    await call("look");
    expect(told).toHaveLength(limits.callProgressPerMinute + limits.callProgressPerMinute / 60);
  });
});

describe("a request for resources or prompts", () => {
  const features = {
    "resources/list": { resources: [{ uri: "a://1", name: "one" }, "no resource"] },
    "resources/read": { contents: [{ uri: "a://1", text: "first" }] },
    "prompts/get": { messages: [{ role: "user", content: { type: "text", text: "Do." } }] },
  };

  test("is sent to the server, and is recorded under the name of the client's method", {
    tags: ["upstream.features"],
  }, async () => {
    const { call, upstream, outcomes } = startRun({ features });
    expect(await call("$resources.list", {}, "ask")).toEqual({ ok: true, value: [{ uri: "a://1", name: "one" }] });
    expect(await call("$resources.read", { uri: "a://1" }, "ask")).toEqual({
      ok: true,
      value: [{ uri: "a://1", text: "first" }],
    });
    expect(await call("$prompts.get", { name: "do", args: { what: "it" } }, "ask")).toMatchObject({ ok: true });
    expect(upstream.asked).toEqual([
      { server: "hub", method: "resources/list" },
      { server: "hub", method: "resources/read", uri: "a://1" },
      { server: "hub", method: "prompts/get", name: "do", args: { what: "it" } },
    ]);
    expect(outcomes()).toEqual(
      ["$resources.list", "$resources.read", "$prompts.get"].map((name) => [name, "succeeded", undefined]),
    );
  });

  test("fails if the server does not support it or gives a malformed answer", async () => {
    const { call, outcomes } = startRun({ features: { "resources/read": { contents: "none" } } });
    expect(errorOf(await call("$prompts.list", {}, "ask"))).toMatchObject({
      code: "tool_unknown",
      message: expect.stringContaining("hub has no prompts"),
    });
    expect(errorOf(await call("$resources.read", { uri: "a://1" }, "ask"))).toMatchObject({ code: "tool_error" });
    expect(outcomes()).toEqual([
      ["$prompts.list", "failed", true],
      ["$resources.read", "failed", true],
    ]);
  });

  test("with invalid arguments is not sent, while one with a name of featureNameCharsMax is", {
    tags: ["upstream.features"],
  }, async () => {
    const { call, upstream } = startRun({ features });
    const longest = "a".repeat(limits.featureNameCharsMax);
    expect(await call("$resources.read", { uri: longest }, "ask")).toMatchObject({ ok: true });
    for (const [member, args] of [
      ["$resources.read", { uri: `${longest}a` }],
      ["$resources.read", { uri: "" }],
      ["$resources.read", { uri: { toString: "a://1" } }],
      ["$resources.read", {}],
      ["$prompts.get", { name: 7 }],
      ["$prompts.get", { name: "do", args: { count: 3 } }],
      ["$prompts.get", { name: "do", args: ["it"] }],
    ] as const) {
      expect(errorOf(await call(member, args, "ask"))).toMatchObject({
        code: "invalid_arguments",
        message: expect.stringContaining(`hub.${member}`),
      });
    }
    expect(upstream.asked).toHaveLength(1);
  });

  test("with an unknown method name is refused with the closest names, and so is one with a tool's name", async () => {
    const { call, outcomes } = startRun({ features });
    expect(errorOf(await call("$resources.reed", { uri: "a" }, "ask"))).toMatchObject({
      code: "tool_unknown",
      suggestions: expect.arrayContaining(["$resources.read"]),
    });
    expect(errorOf(await call("look", {}, "ask"))).toMatchObject({ code: "tool_unknown" });
    expect(errorOf(await call("resources/list", {}, "ask"))).toMatchObject({ code: "tool_unknown" });
    expect(outcomes()).toEqual([]);
  });

  test("is refused for a server that the run may not use, and counts toward callsPerRun", {
    tags: ["upstream.features"],
  }, async () => {
    const { gate, call } = startRun({ features, server: serverEntry("hub", { limits: { callsPerRun: 1 } }) });
    expect(errorOf(await gate.callMcpTool("vault", "$resources.list", "{}", "ask"))).toMatchObject({
      code: "server_not_allowed",
    });
    expect(await call("$resources.list", {}, "ask")).toMatchObject({ ok: true });
    expect(errorOf(await call("$resources.list", {}, "ask"))).toMatchObject({ code: "too_many_calls" });
  });

  test("obeys the entry's allow and deny lists, which may name a method or all of $resources or $prompts", {
    tags: ["upstream.features"],
  }, async () => {
    const codes = async (tools: object) => {
      const { call } = startRun({ features, server: serverEntry("hub", { tools }) });
      const replies = await Promise.all([call("$resources.list", {}, "ask"), call("$prompts.get", { name: "do" }, "ask")]);
      return replies.map((reply) => errorOf(reply)?.code);
    };
    expect(await codes({ allow: ["look"] })).toEqual(["tool_unknown", "tool_unknown"]);
    expect(await codes({ allow: ["look", "$resources"] })).toEqual([undefined, "tool_unknown"]);
    expect(await codes({ allow: ["$prompts.get"] })).toEqual(["tool_unknown", undefined]);
    expect(await codes({ deny: ["$resources"] })).toEqual(["tool_unknown", undefined]);
    expect(await codes({ allow: ["$prompts"], deny: ["$prompts.get"] })).toEqual(["tool_unknown", "tool_unknown"]);
  });
});

describe("a number in the arguments", () => {
  const send = (argsJson: string) => {
    const { gate, upstream, outcomes } = startRun();
    return { reply: gate.callMcpTool("hub", "look", argsJson, "value"), upstream, outcomes };
  };

  test.each([
    ['{"id":1915883588174806000}', "id is 1915883588174806000"],
    ['{"ids":[1,{"of":-9007199254740992}]}', "ids[1].of is -9007199254740992"],
  ])("beyond 2^53 in %s is refused before the call, with its name and what to write", async (argsJson, words) => {
    const { reply, upstream, outcomes } = send(argsJson);
    const error = errorOf(await reply);
    expect(error).toMatchObject({ code: "invalid_arguments", message: expect.stringContaining(words) });
    expect(error?.message).toMatch(/BigInt.*Or write a string/);
    expect([upstream.called, outcomes()]).toEqual([[], [["look", "not_started", true]]]);
  });

  test.each(['{"id":9007199254740991}', '{"x":1e300}', '{"id":"1915883588174806058"}', '{"x":0.30000000000000004}'])(
    "is sent as it is in %s",
    async (argsJson) => {
      const { reply, upstream } = send(argsJson);
      expect(await reply).toMatchObject({ ok: true });
      expect(upstream.called).toMatchObject([{ args: JSON.parse(argsJson) }]);
    },
  );

  test("that was a BigInt is passed on with its mark, and is text in the arguments of a prompt", async () => {
    const { gate, upstream } = startRun({ features: { "prompts/get": { messages: [] } } });
    await gate.callMcpTool("hub", "look", '{"id":"\\u0000integer:1915883588174806058"}', "value");
    expect(upstream.called).toMatchObject([{ args: { id: "\u0000integer:1915883588174806058" } }]);
    await gate.callMcpTool("hub", "$prompts.get", '{"name":"p","args":{"id":"\\u0000integer:5"}}', "ask");
    expect(upstream.asked).toMatchObject([{ args: { id: "5" } }]);
  });
});

test("no lone surrogate is sent in the arguments", async () => {
  const { call, upstream } = startRun();
  await call("look", { text: "a\ud83d", "k\udc00": "🚀" });
  expect(upstream.called).toMatchObject([{ args: { text: "a\ufffd", "k\ufffd": "🚀" } }]);
});

describe("a tool that appears during the run", () => {
  test("can be called by its name", async () => {
    const { call } = startRun({ toolsNow: () => [...tools, tool("added-one")], answers: { "added-one": textResult("new") } });
    expect(await call("added-one")).toEqual({ ok: true, value: "new" });
  });

  test("is among the suggestions for a misspelt name", async () => {
    const { call } = startRun({ toolsNow: () => [...tools, tool("added-one")] });
    expect(errorOf(await call("aded-one"))).toMatchObject({ code: "tool_unknown", suggestions: ["added-one"] });
  });
});
