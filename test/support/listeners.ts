import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What a set of processes listens on. */
export interface Listeners {
  /** Of TCP sockets: address and port. */
  ports: string[];
  /** Of Unix sockets: where they were bound. */
  paths: string[];
}

/** Reads it from proc(5): the sockets that the processes have open, and the kernel's tables of those that listen. Linux only. */
export function listenersOf(pids: readonly number[]): Listeners {
  const inodes = new Set(pids.flatMap(socketsOf));
  const folders = new Map(pids.map((pid) => [pid, workingDirectoryOf(pid)]));
  const ports = ["tcp", "tcp6"]
    .flatMap((table) => rowsOf(`/proc/net/${table}`))
    .filter((row) => row[3] === "0A" && inodes.has(row[9] ?? ""))
    .map((row) => addressOf(row[1] ?? ""));
  const paths = rowsOf("/proc/net/unix")
    // The flag of a socket that accepts connections.
    .filter((row) => row[3] === "00010000" && inodes.has(row[6] ?? ""))
    .map((row) =>
      absolute(row[7] ?? "", pids.filter((pid) => socketsOf(pid).includes(row[6] ?? "")).map((pid) => folders.get(pid) ?? "")[0]),
    );
  return { ports: [...new Set(ports)].sort(), paths: [...new Set(paths)].sort() };
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? []);
  } catch {
    // The process has ended.
    return [];
  }
}

function workingDirectoryOf(pid: number): string {
  return linkOf(`/proc/${pid}/cwd`);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function rowsOf(table: string): string[][] {
  return readFileSync(table, "latin1")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
}

/** `0100007F:2253` → `127.0.0.1:8787`: the kernel prints IPv4 addresses as numbers in the byte order of the machine. */
function addressOf(field: string): string {
  const [address = "", port = ""] = field.split(":");
  const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  const host = bytes.length === 4 ? bytes.reverse().join(".") : `[${address}]`;
  return `${host}:${Number.parseInt(port, 16)}`;
}

function absolute(path: string, folder: string | undefined): string {
  return path.startsWith("/") || path === "" ? path : `${folder}/${path}`;
}
