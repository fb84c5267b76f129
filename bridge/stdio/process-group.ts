import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { limits } from "../../core/limits.ts";
import { launchVariable, orphanReaper } from "./orphan-reaper.ts";

export interface Launch {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/** How a process ended. `text` reads after "it": "exited with code 3", "was ended by SIGKILL". */
export interface Ending {
  /** It exited with code 0. */
  isClean: boolean;
  text: string;
}

/** How often to check whether a group that was sent SIGTERM still has processes. */
const groupPollMs = 20;

/**
 * Starts a program as the leader of a new process group. A server is often a wrapper (npx, sh) around the real one, or the parent
 * of a browser, and a signal to the group reaches all of them. A new group also does not get the terminal's Ctrl-C, so that the
 * bridge decides when a server ends.
 */
export function spawnGroup(launch: Launch): ChildProcessWithoutNullStreams {
  const launchId = randomUUID();
  // Before the start, because this process may be killed before it knows the group.
  tellReaper("starting", launchId);
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd,
    env: { ...launch.env, [launchVariable]: launchId },
    detached: process.platform !== "win32",
    shell: false,
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  if (child.pid !== undefined) tellReaper("started", child.pid);
  return child;
}

/**
 * Ends a group: SIGTERM, then after `limits.stopMs` SIGKILL for the processes that remain, the leader or grandchildren that
 * outlived it. Resolves when the leader has exited and the others have at least been sent SIGKILL.
 */
export async function stopGroup(child: ChildProcessWithoutNullStreams): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const exited = exitOf(child);
  const deadline = performance.now() + limits.stopMs;
  signalGroup(child, "SIGTERM");
  while (performance.now() < deadline && isGroupAlive(child)) {
    await delay(groupPollMs);
  }
  signalGroup(child, "SIGKILL");
  await exited;
  tellReaper("ended", pid);
}

/** Resolves when the leader has exited, at once if it already has. */
export function exitOf(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

export function describeExit(code: number | null, signal: NodeJS.Signals | null): Ending {
  return { isClean: code === 0, text: signal === null ? `exited with code ${code}` : `was ended by ${signal}` };
}

function isGroupAlive(child: ChildProcessWithoutNullStreams): boolean {
  return signalGroup(child, 0);
}

/** False when the group has no process left. */
function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    // Windows has no process groups, so there only the leader is signalled.
    return process.platform === "win32" ? child.kill(signal) : process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the whole group has ended. EPERM cannot occur: the group holds only our own children.
    return false;
  }
}

/** The pipe to this process's orphan reaper, which is started with the first group. */
let reaper: Writable | undefined;

/** The reaper ends the groups that have not ended when this process does. */
function tellReaper(verb: "starting" | "started" | "ended", what: number | string): void {
  // Windows has neither process groups nor this shell.
  if (process.platform === "win32") return;
  reaper ??= startReaper();
  reaper.write(`${verb} ${what}\n`);
}

function startReaper(): Writable {
  const script = ["-c", orphanReaper, "mcp-orphan-reaper", String(limits.stopMs / 1000)];
  const child = spawn("/bin/sh", script, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.on("error", () => {
    // Not fatal: without the reaper, only a kill -9 of this process would leave its children running.
  });
  child.stdin.on("error", () => {
    // The reaper was killed, which is not fatal either.
  });
  // It must not keep this process running, because the end of this process is its signal to act.
  child.unref();
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return child.stdin;
}
