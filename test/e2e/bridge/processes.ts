import { execFileSync } from "node:child_process";
import { expect } from "vitest";

/** Waits until no process of that id runs; one that was killed and not yet reaped by its new parent counts as gone. */
export async function expectGone(pid: number): Promise<void> {
  await expect.poll(() => table().some((row) => row.pid === pid), { timeout: 10_000 }).toBe(false);
}

/** The servers this process has started and that still run. */
export function runningServers(parent = process.pid): string[] {
  // A server leads a group of its own; ps and the test runner's helpers do not. The leash does, and is there to stay.
  return table()
    .filter((row) => row.parent === parent && row.group === row.pid && !row.command.endsWith("/leash.ts"))
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
