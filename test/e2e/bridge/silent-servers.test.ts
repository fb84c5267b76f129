import { afterEach, describe, expect, test } from "vitest";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import { stdioLimits } from "../../../bridge/stdio/stdio-limits.ts";
import { toValue } from "../../../core/mcp/tool-result.ts";
import type { BridgeServer } from "../../../core/tunnel/frames.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock } from "../../support/fakes.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving } from "../../support/stdio-entries.ts";
import { runningServers } from "./processes.ts";

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };

let pool: StdioServers;
let clock: ManualClock;
let statuses: BridgeServer[];
afterEach(async () => {
  await pool.close();
  expect(runningServers()).toEqual([]);
  expect(clock.pending).toBe(0);
});

function open(entry: StdioEntry): void {
  clock = new ManualClock();
  statuses = [];
  const environment = (name: string) => process.env[name];
  const onStatus = (server: BridgeServer) => void statuses.push(server);
  pool = createStdioServers({ servers: [entry], registryPath: "registry.json", environment, projectRoot, clock, onStatus });
}

async function pid(): Promise<number> {
  return Number(toValue(await pool.callTool("subject", { tool: "pid", args: {} }, patient)));
}

/** The server has read the call before its time is up. */
async function waitInVain(tool: "deafen" | "wait"): Promise<void> {
  let onRead = () => {};
  const read = new Promise<void>((resolve) => {
    onRead = resolve;
  });
  const call = pool.callTool("subject", { tool, args: {} }, { ...patient, timeoutMs: 1_000, onProgress: () => onRead() });
  const failure = failureOf(call);
  await read;
  clock.advance(1_000);
  expect(await failure).toMatchObject({ code: "call_timeout", delivery: "sent" });
}

describe("a server that stops to listen while its process goes on", { tags: ["bridge.idle"] }, () => {
  test("is started afresh by the next call", async () => {
    open(misbehaving("deafens"));
    const first = await pid();
    await waitInVain("deafen");
    clock.advance(stdioLimits.silenceMs);
    expect(await pid()).not.toBe(first);
    expect(statuses.map(({ state }) => state)).toEqual(["running", "stopped", "running"]);
  });

  test("but not before a ping had its time", async () => {
    open(misbehaving("deafens"));
    await pid();
    await waitInVain("deafen");
    clock.advance(stdioLimits.silenceMs - 1);
    const failure = failureOf(pool.callTool("subject", { tool: "pid", args: {} }, { ...patient, timeoutMs: 1_000 }));
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    clock.advance(1_000);
    expect(await failure).toMatchObject({ code: "call_timeout" });
    expect(statuses.map(({ state }) => state)).toEqual(["running"]);
  });

  test("and if it is stateful, says first that its state is lost", async () => {
    open({ ...misbehaving("deafens"), stateful: true });
    const first = await pid();
    await waitInVain("deafen");
    clock.advance(stdioLimits.silenceMs);
    expect(await failureOf(pid())).toMatchObject({
      delivery: "not_sent",
      message: expect.stringContaining("it answered nothing for 5 s, not even a ping, and was stopped."),
    });
    expect(await pid()).not.toBe(first);
  });

  test("and is left alone while it answers anything else", async () => {
    open(misbehaving("deafens"));
    const first = await pid();
    await waitInVain("wait");
    expect(await pid()).toBe(first);
    clock.advance(10 * stdioLimits.silenceMs);
    expect(await pid()).toBe(first);
  });
});
