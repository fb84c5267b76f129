import { execFileSync } from "node:child_process";

/** How often npm is looked for; the difference is only how long its end goes unnoticed. */
const pollMs = 500;

/**
 * Calls `gone` once when this process was started by an npm script and npm is gone. npm passes a TERM on to the shell it
 * started, and the shell ends without passing it on; killed, it passes on nothing. Without this, `npm start` would leave
 * everything behind. A process that was started otherwise may be meant to outlive who started it, and is left alone.
 */
export function onNpmGone(gone: () => void): Disposable {
  const parent = process.ppid;
  const npm = process.env.npm_lifecycle_event === undefined ? undefined : npmAbove(parent);
  if (npm === undefined) return { [Symbol.dispose]() {} };
  const timer = setInterval(() => {
    if (process.ppid === parent && isRunning(npm)) return;
    clearInterval(timer);
    gone();
  }, pollMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

/** npm is the parent, or the parent of the shell that is. */
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

/** Parent and command line; empty where there is no ps, as on Windows: there the terminal ends the whole job. */
function describeProcess(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // Not knowing is harmless: signals that reach this process itself still end it in order.
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: it is gone.
    return false;
  }
}
