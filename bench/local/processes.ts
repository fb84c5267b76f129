import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** What the processes of the product take, without the user's servers. Linux only. */
export interface Usage {
  processes: number;
  /** Proportional set size, which counts a shared page once. */
  pssMiB: number;
}

interface Row {
  pid: number;
  parent: number;
  command: string;
}

/** The program of the user's server, and what starts it. */
const serverPattern = /server-everything/;

/** All processes that descend from `root`, or whose parent has ended and that are in one of their groups, less the server. */
export function usageBelow(root: number): Usage {
  const pids = familyOf(root);
  return { processes: pids.length, pssMiB: pids.reduce((sum, pid) => sum + pssOf(pid), 0) / 1024 };
}

/** MiB of proportional set size of each process of the product, without the user's servers; the processes of workerd by name. */
export function memoryBelow(root: number): Record<string, number> {
  const memory: Record<string, number> = {};
  for (const pid of familyOf(root)) {
    const name = /(\w+)\.capnp/.exec(read(`/proc/${pid}/cmdline`))?.[1] ?? "bridge";
    memory[name] = (memory[name] ?? 0) + pssOf(pid) / 1024;
  }
  return memory;
}

/** The share of one core that they take while nobody asks for anything, less those that end meanwhile. */
export async function idleShare(root: number, ms: number): Promise<number> {
  const before = new Map(familyOf(root).map((pid) => [pid, cpuMsOf(pid)]));
  await delay(ms);
  const spent = familyOf(root).map((pid) => cpuMsOf(pid) - (before.get(pid) ?? 0));
  return spent.reduce((sum, cpuMs) => sum + cpuMs, 0) / ms;
}

function familyOf(root: number): number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null)
    .map(([, pid, parent, command = ""]): Row => ({ pid: Number(pid), parent: Number(parent), command }));
  const family = rows.filter(({ pid }) => pid === root);
  for (const { pid } of family) family.push(...rows.filter((row) => row.parent === pid && !family.includes(row)));
  const servers = new Set(family.filter(({ command }) => serverPattern.test(command)).map(({ pid }) => pid));
  return family.filter(({ pid, parent }) => !servers.has(pid) && !servers.has(parent)).map(({ pid }) => pid);
}

/** Kibibytes; 0 when the process has ended. */
function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** proc(5): fields 14 and 15 after the command in parentheses, in ticks of 10 ms. */
function cpuMsOf(pid: number): number {
  const [, user = 0, system = 0] = /\) \S(?: -?\d+){10} (\d+) (\d+) /.exec(read(`/proc/${pid}/stat`)) ?? [];
  return (Number(user) + Number(system)) * 10;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // The process has ended.
    return "";
  }
}
