import { execFileSync } from "node:child_process";

/** How often to check that npm still runs; its end is noticed at most this much later. */
const pollMs = 500;

/**
 * Calls `onExit` once if this process was started by an npm script and npm has ended. npm passes SIGTERM on to the shell that it
 * started, but the shell ends without passing it on, and a killed npm passes on nothing: without this, `npm start` would leave
 * its processes running. Does nothing if this process was not started by npm, because it may be meant to outlive its parent.
 */
export function onNpmExit(onExit: () => void): Disposable {
  const parent = process.ppid;
  const npm = process.env.npm_lifecycle_event === undefined ? undefined : npmAbove(parent);
  if (npm === undefined) return { [Symbol.dispose]() {} };
  const timer = setInterval(() => {
    if (process.ppid === parent && isRunning(npm)) return;
    clearInterval(timer);
    onExit();
  }, pollMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

/** npm's process id: npm is the parent or, when it started a shell, the grandparent. */
function npmAbove(parent: number): number | undefined {
  let pid = parent;
  for (let level = 0; level < 2; level++) {
    const row = /^\s*(\d+)\s+(.*)$/.exec(describeProcess(pid).trim());
    if (row === null) return undefined;
    if (/\bnpm\b/.test(row[2] ?? "")) return pid;
    pid = Number(row[1]);
  }
  return undefined;
}

/** Parent id and command line. Empty where there is no `ps`, as on Windows, where the terminal ends all the processes. */
function describeProcess(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // Harmless: signals sent to this process itself still stop it properly.
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: no such process.
    return false;
  }
}
