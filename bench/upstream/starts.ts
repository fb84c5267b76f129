import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { systemClock } from "../../bridge/clock.ts";
import { connectRemote, isRemoteEntry, type RemoteEntry } from "../../bridge/commands/remote-client.ts";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { isStdioEntry, type StdioEntry } from "../../bridge/stdio/launch.ts";
import { createStdioServers } from "../../bridge/stdio/servers.ts";
import { parseRegistry } from "../../core/registry/registry.ts";
import { nineServers } from "../tokens/servers.ts";
import { type Rounds, takeRounds } from "./rounds.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const misbehaving = (name: string) => fileURLToPath(new URL(`../../test/servers/${name}.mjs`, import.meta.url));
const environment = (name: string) => process.env[name];
/** How long each of the waiting servers waits before it reads. */
export const waitingMs = 2_000;
/** Longer than any of them takes, so that the one that never answers is there all the while. */
const patience = { signal: new AbortController().signal, timeoutMs: 60_000 };

interface MeasureOptions {
  folder: string;
  notionUrl: string;
  times: (rounds: number) => Rounds;
  onStep: (title: string) => void;
}

/** Ten published servers: each alone, all at once, and all at once beside two that nobody reaches. */
export async function measureStarts({ folder, notionUrl, times, onStep }: MeasureOptions) {
  const ten = [...(await nineServers({ folder, notionUrl })), sequentialThinking()];
  const waiting = Array.from({ length: 10 }, (_, at) => waitingServer(`waits-${at}`));
  onStep("starting ten servers, alone and at once");
  const alone = await takeRounds(Object.fromEntries(ten.map((entry) => [entry.id, () => start([entry])])), times(5));
  const together = await takeRounds(
    {
      ten: () => start(ten),
      sdk: () => startWithSdk(ten),
      beside: () => start(ten, { isBesideUnreachable: true }),
      waitingAlone: () => start(waiting.slice(0, 1)),
      waiting: () => start(waiting),
      waitingBeside: () => start(waiting, { isBesideUnreachable: true }),
    },
    times(5),
  );
  return { alone, together };
}

export type Starts = Awaited<ReturnType<typeof measureStarts>>;

/** Milliseconds until the last of them answered the handshake, as the bridge starts them. */
async function start(entries: readonly StdioEntry[], { isBesideUnreachable = false } = {}): Promise<number> {
  const servers = createStdioServers({
    servers: isBesideUnreachable ? [silent, ...entries] : entries,
    registryPath: "registry.json",
    environment,
    projectRoot: root,
    clock: systemClock,
    onStatus: () => {},
  });
  const nobody = remote("nobody", `http://127.0.0.1:${await findFreePort()}/mcp`);
  const startedAt = performance.now();
  // That they fail is what they are for.
  const unreachable = Promise.allSettled(
    isBesideUnreachable ? [servers.start(silent.id, patience), connectRemote(nobody, { environment, ...patience })] : [],
  );
  try {
    await Promise.all(entries.map(({ id }) => servers.start(id, patience)));
    return performance.now() - startedAt;
  } finally {
    await servers.close();
    await unreachable;
  }
}

/** The same processes, each with a client of the SDK and nothing of ours: what this machine needs for ten at once. */
async function startWithSdk(entries: readonly StdioEntry[]): Promise<number> {
  const clients: Client[] = [];
  const startedAt = performance.now();
  const connect = async ({ mcp }: StdioEntry): Promise<void> => {
    const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...mcp.env };
    const client = new Client({ name: "bench", version: "1" });
    clients.push(client);
    await client.connect(new StdioClientTransport({ command: mcp.command, args: mcp.args, env, stderr: "ignore" }));
  };
  try {
    await Promise.all(entries.map(connect));
    return performance.now() - startedAt;
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** A small one that is ready after so long and needs no processor for it. */
export function waitingServer(id: string): StdioEntry {
  return script(id, "late", String(waitingMs));
}

function sequentialThinking(): StdioEntry {
  return stdio("sequential-thinking", `${root}node_modules/.bin/mcp-server-sequential-thinking`, []);
}

function script(id: string, name: string, ...args: string[]): StdioEntry {
  return stdio(id, process.execPath, [misbehaving(name), ...args]);
}

function stdio(id: string, command: string, args: string[]): StdioEntry {
  const entry = parse(id, { transport: "stdio", command, args });
  if (isStdioEntry(entry)) return entry;
  throw new Error("a stdio entry parses as one");
}

function remote(id: string, url: string): RemoteEntry {
  const entry = parse(id, { transport: "http", url });
  if (isRemoteEntry(entry)) return entry;
  throw new Error("a remote entry parses as one");
}

function parse(id: string, mcp: object) {
  const { servers, problems } = parseRegistry(JSON.stringify({ servers: [{ id, title: id, summary: id, mcp }] }));
  if (servers[0] !== undefined) return servers[0];
  throw new Error(`no valid entry: ${JSON.stringify(problems)}`);
}

/** Starts, reads, and never says anything. */
const silent = script("silent", "silent");
