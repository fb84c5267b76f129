import { createSearch } from "../../core/search.ts";
import { Tool } from "../../core/tool.ts";
import type { Catalog } from "./catalogs.ts";
import { entriesOf } from "./ours.ts";
import type { Query } from "./queries.ts";

export interface Speed {
  servers: number;
  tools: number;
  buildMs: number;
  medianMs: number;
  p95Ms: number;
  maxMs: number;
}

const servers = 1_000;
const toolsPerServer = 20;

/** The captured tools dealt out again and again to as many servers, and every query asked. */
export function measureSpeed(catalogs: ReadonlyMap<string, Catalog>, queries: readonly Query[]): Speed {
  const captured = [...catalogs].flatMap(([id, { tools }]) => tools.map((tool) => ({ id, tool })));
  const many = new Map<string, Catalog>();
  for (let at = 0; at < servers; at++) {
    const dealt = Array.from({ length: toolsPerServer }, (_, n) => captured[(at * toolsPerServer + n) % captured.length]);
    const own = dealt.flatMap((one) => (one ? [{ ...one.tool, name: `${one.tool.name}_${n36(at)}` }] : []));
    const origin = catalogs.get(dealt[0]?.id ?? "");
    many.set(`${dealt[0]?.id}-${n36(at)}`, {
      package: "",
      description: origin?.description ?? "",
      keywords: origin?.keywords ?? [],
      tools: own,
    });
  }
  const entries = entriesOf(many);
  const tools = new Map([...many].map(([id, catalog]) => [id, catalog.tools.map((tool) => Tool.parse(tool))]));
  const startedAt = performance.now();
  const search = createSearch(entries, ({ id }) => ({ tools: tools.get(id) ?? [], fetchedAt: 0 }));
  const buildMs = performance.now() - startedAt;

  for (const { text } of queries.slice(0, warmUps)) search.rank(text, entries);
  const times = queries.map(({ text }) => {
    const rounds = Array.from({ length: roundsPerQuery }, () => {
      const before = performance.now();
      search.rank(text, entries);
      return performance.now() - before;
    });
    return rounds.sort((a, b) => a - b)[Math.floor(roundsPerQuery / 2)] ?? 0;
  });
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { servers, tools: servers * toolsPerServer, buildMs, medianMs: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}

/** A Worker that lives has its code compiled; the first few searches compile it. */
const warmUps = 20;

/** Of each query the middle one counts: on a machine that does other things, one in many is interrupted. */
const roundsPerQuery = 7;

function n36(value: number): string {
  return value.toString(36);
}
