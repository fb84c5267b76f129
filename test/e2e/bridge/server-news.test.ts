import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../bridge/clock.ts";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import type { ServerLog } from "../../../core/mcp/upstream.ts";
import { failureOf } from "../../support/failure.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving, stdioEntry } from "../../support/stdio-entries.ts";
import { runningServers } from "./processes.ts";

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };
const call = (tool: string, args = {}) => ({ tool, args });

let pool: StdioServers | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
  expect(runningServers()).toEqual([]);
});

function open(entry: StdioEntry): StdioServers {
  pool = createStdioServers({
    servers: [entry],
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock: systemClock,
    onStatus: () => {},
  });
  return pool;
}

describe("a server's log messages", () => {
  test("reach the calls under way on it before their answers, as console lines of level info and above", {
    tags: ["upstream.news"],
  }, async () => {
    const heard: ServerLog[] = [];
    const servers = open(misbehaving("tells"));
    const result = await servers.callTool("subject", call("work"), { ...patient, onLog: (line) => heard.push(line) });
    expect(heard).toEqual([
      { level: "info", message: "one" },
      { level: "warn", message: '{"two":2}' },
      { level: "error", message: "three\nlines \u001b[2J" },
      { level: "info", message: "four" },
    ]);
    // The server was asked for level info, so that it does not send messages that would be dropped.
    expect(result.content).toEqual([{ type: "text", text: '{"level":"info"}' }]);
  });

  test("reach a listener of several calls once, and one whose call has ended not at all", async () => {
    const servers = open(misbehaving("tells"));
    const heard: string[] = [];
    const listen = (name: string) => ({ ...patient, onLog: ({ message }: ServerLog) => heard.push(`${name}: ${message}`) });
    const [one, other, late] = [listen("one"), listen("other"), listen("late")];
    await servers.callTool("subject", call("work"), late);
    heard.length = 0;
    const held = servers.callTool("subject", call("hold"), one);
    await Promise.all([
      held,
      servers.callTool("subject", call("release"), one),
      servers.ask("subject", { method: "prompts/list" }, other),
    ]);
    expect(heard.filter((line) => line.startsWith("one"))).toEqual(["one: heard by all"]);
    expect(heard.filter((line) => line.startsWith("late"))).toEqual([]);
  });

  test("of the published server-everything arrive", async () => {
    const servers = open(stdioEntry({ command: "mcp-server-everything" }));
    const heard: ServerLog[] = [];
    const options = { ...patient, onLog: (line: ServerLog) => heard.push(line) };
    // Each call that switches logging on logs one line of a random level. One in eight has level debug, which is dropped.
    for (let tries = 0; tries < 20 && heard.length === 0; tries++) {
      await servers.callTool("subject", call("toggle-simulated-logging"), options);
      await servers.callTool("subject", call("echo", { message: "wait" }), options);
    }
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.every(({ level }) => level !== "debug")).toBe(true);
  });
});

describe("resources and prompts", () => {
  test("are listed from all pages without malformed items, and are read by uri or name", async () => {
    const servers = open(misbehaving("tells"));
    expect(await servers.ask("subject", { method: "resources/list" }, patient)).toEqual([
      { uri: "note://1", name: "one", mimeType: "text/plain", odd: [1] },
      { uri: "note://2", name: "note://2" },
    ]);
    // The server does not have this method.
    expect(await servers.ask("subject", { method: "resources/templates/list" }, patient)).toEqual([]);
    expect(await servers.ask("subject", { method: "resources/read", uri: "note://1" }, patient)).toEqual([
      { uri: "note://1", text: "first" },
      { uri: "note://1/scan", mimeType: "image/png", blob: "aGk=" },
    ]);
    expect(await servers.ask("subject", { method: "prompts/list" }, patient)).toEqual([
      { name: "greet", arguments: [{ name: "whom", required: true }] },
    ]);
    expect(await servers.ask("subject", { method: "prompts/get", name: "greet", args: { whom: "Ada" } }, patient)).toEqual({
      description: "A greeting.",
      messages: [{ role: "user", content: { type: "text", text: "Greet Ada." } }],
    });
  });

  test("that do not exist fail with the server's message, and a malformed answer fails as tool_error", async () => {
    const servers = open(misbehaving("tells"));
    const read = (uri: string) => failureOf(servers.ask("subject", { method: "resources/read", uri }, patient));
    expect(await read("note://9")).toMatchObject({
      code: "invalid_arguments",
      delivery: "answered",
      message: expect.stringContaining("no resource note://9"),
    });
    expect(await read("note://odd")).toMatchObject({ code: "tool_error", delivery: "answered" });
    const unnamed = failureOf(servers.ask("subject", { method: "prompts/get", name: "greet" }, patient));
    expect(await unnamed).toMatchObject({ code: "invalid_arguments", message: expect.stringContaining("whom is required") });
  });

  test("of skills that a server publishes are listed with what they are for, and read like any other", {
    tags: ["upstream.features"],
  }, async () => {
    const servers = open(misbehaving("skills"));
    const skills = await servers.ask("subject", { method: "skills/list" }, patient);
    const [uri, steps] = ["skill://release/SKILL.md", "skill://release/references/steps.md"];
    const resources = expect.arrayContaining([uri, steps].map((address) => expect.objectContaining({ uri: address })));
    expect(skills).toEqual([expect.objectContaining({ uri, name: "release", description: "How a release is made.", resources })]);
    expect(await servers.ask("subject", { method: "resources/read", uri: steps }, patient)).toMatchObject([
      { uri: steps, text: "1. Tag it." },
    ]);
  });

  test("are refused with the next step if the server has none", async () => {
    const servers = open(stdioEntry({ command: "time-mcp" }));
    const failure = await failureOf(servers.ask("subject", { method: "prompts/list" }, patient));
    expect(failure).toMatchObject({ code: "tool_unknown", message: "subject has no prompts. describe_mcp lists its tools." });
    const skills = await failureOf(servers.ask("subject", { method: "skills/list" }, patient));
    expect(skills).toMatchObject({ code: "tool_unknown", message: "subject has no skills. describe_mcp lists its tools." });
  });

  test("of the published server-everything can be listed and read", { tags: ["upstream.features"] }, async () => {
    const servers = open(stdioEntry({ command: "mcp-server-everything" }));
    const resources = await servers.ask("subject", { method: "resources/list" }, patient);
    expect(resources).toEqual(
      expect.arrayContaining([expect.objectContaining({ uri: expect.any(String), name: expect.any(String) })]),
    );
    expect(await servers.ask("subject", { method: "resources/templates/list" }, patient)).not.toEqual([]);
    const [first] = Array.isArray(resources) ? resources : [];
    const contents = await servers.ask("subject", { method: "resources/read", uri: String(first?.uri) }, patient);
    expect(contents).toEqual([expect.objectContaining({ uri: first?.uri, text: expect.any(String) })]);
    const prompts = await servers.ask("subject", { method: "prompts/list" }, patient);
    expect(prompts).toEqual(expect.arrayContaining([expect.objectContaining({ name: "args-prompt" })]));
    const args = { city: "Oslo", state: "Oslo" };
    expect(await servers.ask("subject", { method: "prompts/get", name: "args-prompt", args }, patient)).toMatchObject({
      messages: [{ role: "user", content: { type: "text", text: expect.stringContaining("Oslo") } }],
    });
  });
});
