import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { listingTotalMs } from "../../core/registry/call-limits.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import { codeModeIn } from "../import/code-modes.ts";
import { remoteEnvironment } from "../registry/worker-secrets.ts";
import type { StdioServers } from "../stdio/servers.ts";
import type { Command, World } from "./command.ts";
import { createLiveTerminal } from "./live-terminal.ts";
import { jsonOption, onlyOption, openRegistry, openServers, RegistryOptions, registryOption } from "./open-registry.ts";
import { connectRemote, isRemoteEntry, type RemoteEntry } from "./remote-client.ts";
import { formatTable } from "./table.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });

export const check: Command = {
  name: "check",
  summary: "connect to every server of the registry and count its tools",
  options: [registryOption, onlyOption, jsonOption],
  notes: [
    "CONNECT is the time to start the server or open the connection, handshake included; LIST is the time to list its tools. In ms.",
    "Remote servers are called from this machine, with the variables of .env and .dev.vars.",
    "Exits with 0 when every server answers, with 1 when one fails or the registry has a problem.",
  ],
  examples: ["mcp-bridge check", "mcp-bridge check --only time,grep --json"],
  async run({ options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const { registry } = await openRegistry(world, registryOptions);
    const servers = openServers(world, registry, () => {});
    const context = { servers, world, environment: await remoteEnvironment(world, registry) };
    try {
      const findings = await checkAll(registry.servers, { checkOne: (entry) => checkServer(entry, context), world });
      if (world.signal.aborted) throw new OrchestratorError("cancelled", "Stopped while checking.");
      world.print(json ? JSON.stringify(findings, undefined, 2) : toTable(findings));
      if (!json) world.writeStderr(`\n${summaryOf(findings)}\n`);
      return findings.some((finding) => finding.status === "failed") || registry.problems.length > 0 ? 1 : 0;
    } finally {
      await servers.close();
    }
  },
};

interface CheckedServer {
  id: string;
  transport: FileEntry["mcp"]["transport"];
}
type Finding =
  | (CheckedServer & { status: "ok"; tools: number; connectMs: number; listMs: number; hint?: string })
  | (CheckedServer & { status: "failed"; ms: number; reason: string });

interface Context {
  servers: StdioServers;
  world: World;
  /** The Worker's secrets on this machine and the variables of this process. */
  environment: Environment;
}

/**
 * Checks every entry, `limits.checksAtOnce` at a time, and returns the findings in the order of the entries. A check that takes
 * longer than `limits.discoveryTurnMs` goes on, but no longer counts, so that servers that never answer do not hold up the others.
 */
async function checkAll(
  entries: readonly FileEntry[],
  { checkOne, world }: { checkOne: (entry: FileEntry) => Promise<Finding>; world: World },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const pending = new Set<string>();
  const terminal = createLiveTerminal(world);
  const showProgress = (): void => {
    const done = findings.filter((finding) => finding !== undefined).length;
    terminal.progressed({ progress: done, total: entries.length, message: `waiting for ${[...pending].join(", ")}` });
  };
  const checks: Promise<void>[] = [];
  const queue = entries.entries();
  const work = async (): Promise<void> => {
    for (const [index, entry] of queue) {
      pending.add(entry.id);
      showProgress();
      const checking = checkOne(entry).then((finding) => {
        findings[index] = finding;
        pending.delete(entry.id);
        showProgress();
      });
      checks.push(checking);
      await Promise.race([checking, delay(limits.discoveryTurnMs, undefined, { ref: false })]);
    }
  };
  await Promise.all(Array.from({ length: limits.checksAtOnce }, work));
  await Promise.all(checks);
  terminal.clear();
  return findings;
}

async function checkServer(entry: FileEntry, context: Context): Promise<Finding> {
  const server = { id: entry.id, transport: entry.mcp.transport };
  const startedAt = performance.now();
  try {
    const { tools, connectedAt } = isRemoteEntry(entry) ? await listRemote(entry, context) : await listStdio(entry, context);
    const connectMs = Math.round(connectedAt - startedAt);
    const listMs = Math.round(performance.now() - connectedAt);
    const hint = codeModeIn(tools, entry);
    return { ...server, status: "ok", tools: tools.length, connectMs, listMs, ...(hint === undefined ? {} : { hint }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...server, status: "failed", ms: Math.round(performance.now() - startedAt), reason };
  }
}

interface Listed {
  tools: readonly Tool[];
  connectedAt: number;
}

async function listStdio(entry: FileEntry, { servers, world }: Context): Promise<Listed> {
  const { id } = entry;
  const options = { signal: world.signal, timeoutMs: limits.catalogFetchMs, totalMs: listingTotalMs(entry) };
  await servers.start(id, options);
  const connectedAt = performance.now();
  return { tools: await servers.listTools(id, options), connectedAt };
}

async function listRemote(entry: RemoteEntry, { world, environment }: Context): Promise<Listed> {
  const server = await connectRemote(entry, { environment, signal: world.signal, timeoutMs: limits.catalogFetchMs });
  try {
    const connectedAt = performance.now();
    return { tools: await server.listTools(), connectedAt };
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
  const hints = findings.flatMap((finding) => ("hint" in finding ? [`${finding.id}: ${finding.hint}`] : []));
  const answering = findings.length - failed.length;
  const all =
    failed.length === 0
      ? `All ${answering} servers answer.`
      : `${answering} of ${findings.length} servers answer; failed: ${failed.join(", ")}.`;
  return [all, ...hints].join("\n");
}
