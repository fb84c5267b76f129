import { z } from "zod";
import type { Counts } from "../audit/metrics.ts";
import { type BuiltInServer, builtInEntry, builtInServer, builtInTool } from "./built-in-server.ts";

export interface SystemParts {
  version: string;
  /** What this session is reached by and holds. */
  state: () => { bridges: number; storageBytes: number; servers: readonly { id: string; status: string }[] };
  /** Of this session alone: others are none of a program's business. */
  counts: () => Counts;
  /** Without secrets: what bounds a program, and what is switched on. */
  config: () => Record<string, unknown>;
  /** What lists have learnt: which tools helped with which wishes. */
  memory: {
    all(): readonly { words: readonly string[]; server: string; tool: string; count: number; at: number }[];
    forget(): number;
  };
}

const Health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  bridges: z.number(),
  storageBytes: z.number(),
  servers: z.array(z.object({ id: z.string(), status: z.string() })),
});

const GuardMetrics = z.object({
  runs: z.record(z.string(), z.number()),
  calls: z.array(z.object({ server: z.string(), tool: z.string(), outcome: z.string(), count: z.number() })),
  errors: z.record(z.string(), z.number()),
  denials: z.record(z.string(), z.number()),
});

const SearchMemory = z.object({
  helped: z.array(
    z.object({ words: z.array(z.string()), server: z.string(), tool: z.string(), count: z.number(), lastAt: z.string() }),
  ),
});

const nothing = z.strictObject({});
const annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

/** The orchestrator's own state, for programs: of their session, and nothing that its principal may not see. */
export function createSystemServer({ version, state, counts, config, memory }: SystemParts): BuiltInServer {
  const entry = builtInEntry("system", {
    title: "Orchestrator",
    summary: "Health, counts and limits of this orchestrator, as far as they concern this session",
    tags: ["health", "metrics", "limits", "configuration"],
    sensitivity: "low",
    // An empty registry is to look empty, and no run pays for what it does not use.
    visibility: "opt_in",
    autoDiscoverTools: false,
  });
  return builtInServer(entry, [
    builtInTool({
      name: "health",
      description: "Whether the servers of this session can be used, and what the session holds.",
      input: nothing,
      output: Health,
      annotations,
      run: () => healthOf(version, state()),
    }),
    builtInTool({
      name: "guard_metrics",
      description: "How many runs, calls, errors and refusals this session had since it was loaded.",
      input: nothing,
      output: GuardMetrics,
      annotations,
      run: () => metricsOf(counts()),
    }),
    builtInTool({
      name: "runtime_config",
      description: "The limits that hold for programs here, and what is switched on.",
      input: nothing,
      annotations,
      run: config,
    }),
    builtInTool({
      name: "search_memory",
      description:
        "Which tools were called after which wishes of this session. list_mcp_capabilities shows them a little higher.",
      input: nothing,
      output: SearchMemory,
      annotations,
      run: () => ({ helped: memory.all().map(({ at, ...helped }) => ({ ...helped, lastAt: new Date(at).toISOString() })) }),
    }),
    builtInTool({
      name: "forget_search_memory",
      description: "Forgets all that search_memory has. Returns how much it was.",
      input: nothing,
      output: z.object({ forgotten: z.number() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      run: () => ({ forgotten: memory.forget() }),
    }),
  ]);
}

/** In these a server works as soon as it is called. */
const usable = ["ready", "not_connected", "connected"];

function healthOf(version: string, state: ReturnType<SystemParts["state"]>): z.infer<typeof Health> {
  const { bridges, storageBytes, servers } = state;
  const isOk = servers.every(({ status }) => usable.includes(status));
  return { status: isOk ? "ok" : "degraded", version, bridges, storageBytes, servers: [...servers] };
}

function metricsOf({ counters }: Counts): z.infer<typeof GuardMetrics> {
  const series = (name: string) =>
    Object.entries(counters[name] ?? {}).map(([key, count]) => ({ labels: z.array(z.string()).parse(JSON.parse(key)), count }));
  const byFirst = (name: string) => Object.fromEntries(series(name).map(({ labels: [first = ""], count }) => [first, count]));
  return {
    runs: byFirst("runs_total"),
    calls: series("calls_total").map(({ labels: [server = "", tool = "", outcome = ""], count }) => ({
      ...{ server, tool, outcome, count },
    })),
    errors: byFirst("errors_total"),
    denials: byFirst("denials_total"),
  };
}
