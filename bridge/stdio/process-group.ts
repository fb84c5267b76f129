import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { limits } from "../../core/limits.ts";

export interface Launch {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/** How a process ended. `text` reads after "it": "exited with code 3", "was ended by SIGKILL". */
export interface Ending {
  /** It meant to: code 0. */
  isClean: boolean;
  text: string;
}

/** How often a group whose leader is gone is asked whether anyone is left. */
const groupPollMs = 20;

/**
 * Starts a program as the leader of a process group of its own. A server is often a wrapper (npx, sh) around the real
 * one, or the parent of a browser: only the group reaches them all, and only a group of its own is spared by Ctrl-C in
 * the terminal, so that the bridge decides when a server ends.
 */
export function spawnGroup(launch: Launch): ChildProcessWithoutNullStreams {
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd,
    env: launch.env,
    detached: process.platform !== "win32",
    shell: false,
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  if (child.pid !== undefined) tellLeash("hold", child.pid);
  return child;
}

/**
 * Ends a group: TERM, then after `limits.stopMs` KILL for whoever is left, the leader or a grandchild that outlived
 * it. Resolves when the leader is gone and the others have been sent KILL at the latest.
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
  tellLeash("release", pid);
}

/** Resolves when the leader has ended; at once when it already has. */
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

/** False when nobody is there to get the signal. */
function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    // Windows has no process groups; there the leader alone is reached.
    return process.platform === "win32" ? child.kill(signal) : process.kill(-child.pid, signal);
  } catch {
    // ESRCH: everyone of the group is gone. EPERM cannot be: the group holds our own children.
    return false;
  }
}

/** One leash for all groups of this process, started with the first. */
let leash: Writable | undefined;

/** Tells the leash; it ends what is held when this process is gone, whatever ended it. */
function tellLeash(verb: "hold" | "release", pid: number): void {
  leash ??= startLeash();
  leash.write(`${verb} ${pid}\n`);
}

function startLeash(): Writable {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./orphan-reaper.ts", import.meta.url))], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => {
    // Without it everything works; only a kill -9 of this process would leave its children.
  });
  child.stdin.on("error", () => {
    // It was killed; the same holds.
  });
  // It must not keep this process running: being gone is the message.
  child.unref();
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return child.stdin;
}
