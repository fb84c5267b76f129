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
/** How long each waiting server waits before it reads its input. */
export const waitingMs = 2_000;
/** Longer than any server needs, so that the one that never answers is pending for the whole measurement. */
const patience = { signal: new AbortController().signal, timeoutMs: 60_000 };

interface MeasureOptions {
  folder: string;
  notionUrl: string;
  times: (rounds: number) => Rounds;
  onStep: (title: string) => void;
}

/** Starts ten published servers: each alone, all at once, and all at once with two more that cannot be reached. */
export async function measureStarts({ folder, notionUrl, times, onStep }: MeasureOptions) {
  const ten = [...(await nineServers({ folder, notionUrl })), sequentialThinking()];
  const waiting = Array.from({ length: 10 }, (_, at) => waitingServer(`waits-${at}`));
  onStep("starting ten servers, alone and at once");
  const alone = await takeRounds(Object.fromEntries(ten.map((entry) => [entry.id, () => start([entry])])), times(5));
  const together = await takeRounds(
    {
      ten: () => start(ten),
      sdk: () => startWithSdk(ten),
      tenWithUnreachable: () => start(ten, { hasUnreachable: true }),
      waitingAlone: () => start(waiting.slice(0, 1)),
      waiting: () => start(waiting),
      waitingWithUnreachable: () => start(waiting, { hasUnreachable: true }),
    },
    times(5),
  );
  return { alone, together };
}

export type Starts = Awaited<ReturnType<typeof measureStarts>>;

/** Starts them as the bridge does. Returns the milliseconds until the last one answered the handshake. */
async function start(entries: readonly StdioEntry[], { hasUnreachable = false } = {}): Promise<number> {
  const servers = createStdioServers({
    servers: hasUnreachable ? [silent, ...entries] : entries,
    registryPath: "registry.json",
    environment,
    projectRoot: root,
    clock: systemClock,
    onStatus: () => {},
  });
  const nobody = remote("nobody", `http://127.0.0.1:${await findFreePort()}/mcp`);
  const startedAt = performance.now();
  // These two are expected to fail.
  const unreachable = Promise.allSettled(
    hasUnreachable ? [servers.start(silent.id, patience), connectRemote(nobody, { environment, ...patience })] : [],
  );
  try {
    await Promise.all(entries.map(({ id }) => servers.start(id, patience)));
    return performance.now() - startedAt;
  } finally {
    await servers.close();
    await unreachable;
  }
}

/** The same processes, each with a client of the SDK and none of our code: the time this machine needs for ten at once. */
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

/** A small server that is ready after `waitingMs` and uses no processor time until then. */
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

/** Starts and reads, but never answers. */
const silent = script("silent", "silent");
