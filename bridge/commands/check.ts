import { z } from "zod";
import { limits } from "../../core/limits.ts";
import type { ServerEntry } from "../../core/registry.ts";
import type { Command, World } from "../command.ts";
import { onlyOption, openRegistry, openServers, RegistryOptions, registryOption } from "../command-registry.ts";
import { isStdioEntry } from "../launch.ts";
import type { StdioServers } from "../stdio-servers.ts";
import { formatTable } from "../table.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });

export const check: Command = {
  name: "check",
  summary: "connect to every stdio server of the registry and count its tools",
  options: [registryOption, onlyOption, { flags: "--json", description: "print JSON" }],
  examples: ["mcp-bridge check", "mcp-bridge check --only time,grep --json"],
  async run({ options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const registry = await openRegistry(world, registryOptions);
    const servers = openServers(world, registry, () => {});
    try {
      const findings = await checkAll(registry.servers, (entry) => examine(entry, servers, world));
      world.print(json ? JSON.stringify(findings, undefined, 2) : toTable(findings));
      return findings.some((finding) => finding.status === "failed") || registry.problems.length > 0 ? 1 : 0;
    } finally {
      await servers.close();
    }
  },
};

type Finding =
  | { id: string; status: "ok"; tools: number; ms: number }
  | { id: string; status: "failed"; ms: number; reason: string }
  | { id: string; status: "remote"; reason: string };

/** Servers started at once: each is a process, and a laptop that starts all of a long registry's answers none in time. */
const checksAtOnce = 8;

/** Examines every entry, a few at a time; findings stand in the order of the entries. */
async function checkAll(
  entries: readonly ServerEntry[],
  examineOne: (entry: ServerEntry) => Promise<Finding>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const queue = entries.entries();
  const work = async (): Promise<void> => {
    for (const [index, entry] of queue) findings[index] = await examineOne(entry);
  };
  await Promise.all(Array.from({ length: checksAtOnce }, work));
  return findings;
}

async function examine(entry: ServerEntry, servers: StdioServers, world: World): Promise<Finding> {
  const { id } = entry;
  if (!isStdioEntry(entry)) return { id, status: "remote", reason: "checked by the Worker" };
  const startedAt = performance.now();
  const elapsed = (): number => Math.round(performance.now() - startedAt);
  try {
    const tools = await servers.listTools(id, { signal: world.signal, timeoutMs: limits.catalogueFetchMs });
    return { id, status: "ok", tools: tools.length, ms: elapsed() };
  } catch (error) {
    return { id, status: "failed", ms: elapsed(), reason: error instanceof Error ? error.message : String(error) };
  }
}

function toTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => ({
    id: finding.id,
    status: finding.status,
    tools: finding.status === "ok" ? String(finding.tools) : "",
    ms: finding.status === "remote" ? "" : String(finding.ms),
    reason: finding.status === "ok" ? "" : finding.reason,
  }));
  return formatTable(rows, ["id", "status", "tools", "ms", "reason"]);
}
