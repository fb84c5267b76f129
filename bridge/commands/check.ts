import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { ServerEntry } from "../../core/registry/registry.ts";
import { remoteEnvironment } from "../registry/worker-secrets.ts";
import type { StdioServers } from "../stdio/servers.ts";
import type { Command, World } from "./command.ts";
import { createLiveTerminal } from "./live-terminal.ts";
import { onlyOption, openRegistry, openServers, RegistryOptions, registryOption } from "./open-registry.ts";
import { connectRemote, isRemoteEntry, type RemoteEntry } from "./remote-server.ts";
import { formatTable } from "./table.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });

export const check: Command = {
  name: "check",
  summary: "connect to every server of the registry and count its tools",
  options: [registryOption, onlyOption, { flags: "--json", description: "print JSON" }],
  notes: [
    "CONNECT is the start of a process and its handshake, or the connection to an address; LIST is asking for the tools. In ms.",
    "Remote servers are reached from this machine, with the variables of .env and .dev.vars.",
    "Ends with 0 when all is well, with 1 when a server fails or the registry has a problem.",
  ],
  examples: ["mcp-bridge check", "mcp-bridge check --only time,grep --json"],
  async run({ options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const { registry } = await openRegistry(world, registryOptions);
    const servers = openServers(world, registry, () => {});
    const context = { servers, world, environment: await remoteEnvironment(world) };
    try {
      const findings = await checkAll(registry.servers, { examineOne: (entry) => examine(entry, context), world });
      if (world.signal.aborted) throw new OrchestratorError("cancelled", "Stopped while checking.");
      world.print(json ? JSON.stringify(findings, undefined, 2) : toTable(findings));
      if (!json) world.tell(`\n${summaryOf(findings)}\n`);
      return findings.some((finding) => finding.status === "failed") || registry.problems.length > 0 ? 1 : 0;
    } finally {
      await servers.close();
    }
  },
};

interface Place {
  id: string;
  transport: ServerEntry["mcp"]["transport"];
}
type Finding =
  | (Place & { status: "ok"; tools: number; connectMs: number; listMs: number })
  | (Place & { status: "failed"; ms: number; reason: string });

interface Context {
  servers: StdioServers;
  world: World;
  /** The Worker's secrets on this machine, and this process's own variables. */
  environment: Environment;
}

/**
 * Examines every entry, some at a time; findings stand in the order of the entries. One that takes long leaves its place to the
 * next: servers that never answer hold up no other.
 */
async function checkAll(
  entries: readonly ServerEntry[],
  { examineOne, world }: { examineOne: (entry: ServerEntry) => Promise<Finding>; world: World },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const waitedFor = new Set<string>();
  const terminal = createLiveTerminal(world);
  const showProgress = (): void => {
    const done = findings.filter((finding) => finding !== undefined).length;
    terminal.progressed({ progress: done, total: entries.length, message: `waiting for ${[...waitedFor].join(", ")}` });
  };
  const examinations: Promise<void>[] = [];
  const queue = entries.entries();
  const work = async (): Promise<void> => {
    for (const [index, entry] of queue) {
      waitedFor.add(entry.id);
      showProgress();
      const examination = examineOne(entry).then((finding) => {
        findings[index] = finding;
        waitedFor.delete(entry.id);
        showProgress();
      });
      examinations.push(examination);
      await Promise.race([examination, delay(limits.discoveryTurnMs, undefined, { ref: false })]);
    }
  };
  await Promise.all(Array.from({ length: limits.checksAtOnce }, work));
  await Promise.all(examinations);
  terminal.clear();
  return findings;
}

async function examine(entry: ServerEntry, context: Context): Promise<Finding> {
  const place = { id: entry.id, transport: entry.mcp.transport };
  const startedAt = performance.now();
  try {
    const { tools, connectedAt } = isRemoteEntry(entry) ? await askRemote(entry, context) : await askStdio(entry, context);
    const connectMs = Math.round(connectedAt - startedAt);
    return { ...place, status: "ok", tools, connectMs, listMs: Math.round(performance.now() - connectedAt) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...place, status: "failed", ms: Math.round(performance.now() - startedAt), reason };
  }
}

interface Answer {
  tools: number;
  connectedAt: number;
}

async function askStdio({ id }: ServerEntry, { servers, world }: Context): Promise<Answer> {
  const patience = { signal: world.signal, timeoutMs: limits.catalogFetchMs };
  await servers.start(id, patience);
  const connectedAt = performance.now();
  return { tools: (await servers.listTools(id, patience)).length, connectedAt };
}

async function askRemote(entry: RemoteEntry, { world, environment }: Context): Promise<Answer> {
  const server = await connectRemote(entry, { environment, signal: world.signal, timeoutMs: limits.catalogFetchMs });
  try {
    const connectedAt = performance.now();
    return { tools: (await server.listTools()).length, connectedAt };
  } finally {
    await server.close();
  }
}

function toTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => ({
    id: finding.id,
    transport: finding.transport,
    status: finding.status,
    tools: finding.status === "ok" ? String(finding.tools) : "",
    connect: String(finding.status === "ok" ? finding.connectMs : finding.ms),
    list: finding.status === "ok" ? String(finding.listMs) : "",
    reason: finding.status === "ok" ? "" : finding.reason,
  }));
  return formatTable(rows, ["id", "transport", "status", "tools", "connect", "list", "reason"]);
}

function summaryOf(findings: readonly Finding[]): string {
  const failed = findings.filter(({ status }) => status === "failed").map(({ id }) => id);
  const good = findings.length - failed.length;
  return failed.length === 0
    ? `All ${good} servers answer.`
    : `${good} of ${findings.length} servers answer; not ${failed.join(", ")}.`;
}
