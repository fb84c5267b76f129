import { execFileSync } from "node:child_process";
import { expect } from "vitest";

/** Waits until no process with that id runs. A zombie, which its new parent has not reaped yet, counts as ended. */
export async function expectGone(pid: number): Promise<void> {
  await expect.poll(() => table().some((row) => row.pid === pid), { timeout: 10_000 }).toBe(false);
}

/** The commands of the servers that this process has started and that still run. */
export function runningServers(parent = process.pid): string[] {
  // A server leads its own process group; ps and the test runner's helpers do not. So does the orphan reaper, which keeps running.
  return table()
    .filter((row) => row.parent === parent && row.group === row.pid && !row.command.includes("mcp-orphan-reaper"))
    .map((row) => row.command);
}

function table(): { pid: number; parent: number; group: number; command: string }[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state !== undefined && !state.startsWith("Z"))
    .map(([pid, parent, group, , ...command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      command: command.join(" "),
    }));
}
