import type { ToolListing } from "../../core/catalog/tool-listing.ts";
import { Tool } from "../../core/mcp/tool.ts";
import { createCurrentSearch } from "../../core/search/search.ts";
import type { Catalog } from "./catalogs.ts";
import { entriesOf } from "./ours.ts";
import type { Query } from "./queries.ts";

export interface Speed {
  servers: number;
  tools: number;
  /** Indexing everything at once. */
  buildMs: number;
  /** The longest of the steps in which a session indexes it. */
  turnMs: number;
  /** Indexing one server again after its tools changed. */
  changeMs: number;
  medianMs: number;
  p95Ms: number;
  maxMs: number;
}

const servers = 1_000;
const toolsPerServer = 20;

/** Runs every query over 1,000 servers of 20 tools each, made by repeating the captured tools. */
export async function measureSpeed(catalogs: ReadonlyMap<string, Catalog>, queries: readonly Query[]): Promise<Speed> {
  const many = deal(catalogs);
  const entries = entriesOf(many);
  const cached = new Map<string, ToolListing>(
    [...many].map(([id, { tools }]) => [id, { tools: tools.map((tool) => Tool.parse(tool)), fetchedAt: 0 }]),
  );
  let version = 0;
  const search = () => createCurrentSearch(entries, { cached: ({ id }) => cached.get(id), version: () => version });

  const turnMs = await longestTurn(search().prepare);
  const { current } = search();
  const buildMs = timed(current);
  const rank = (text: string) => current().find(text, entries, 8).matches;
  for (const { text } of queries.slice(0, warmUps)) rank(text);
  const times = queries.map(({ text }) => middleOf(Array.from({ length: roundsPerQuery }, () => timed(() => rank(text)))));
  const changes = entries.slice(0, changesTried).map(({ id }) => {
    const before = cached.get(id)?.tools ?? [];
    cached.set(id, { tools: before.map((tool) => ({ ...tool })), fetchedAt: 1 });
    version += 1;
    return timed(current);
  });
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    servers,
    tools: servers * toolsPerServer,
    buildMs,
    turnMs,
    changeMs: middleOf(changes),
    medianMs: at(0.5),
    p95Ms: at(0.95),
    maxMs: at(1),
  };
}

function deal(catalogs: ReadonlyMap<string, Catalog>): Map<string, Catalog> {
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
  return many;
}

/** A session does other work between the turns. */
async function longestTurn(prepare: ReturnType<typeof createCurrentSearch>["prepare"]): Promise<number> {
  let longest = 0;
  let begun = performance.now();
  const end = () => {
    longest = Math.max(longest, performance.now() - begun);
  };
  const clock = {
    now: () => 0,
    after(_ms: number, wake: () => void) {
      end();
      setImmediate(() => {
        begun = performance.now();
        wake();
      });
      return () => undefined;
    },
  };
  await prepare(clock);
  end();
  return longest;
}

function timed(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** The first searches are not measured: they compile the code, which a running Worker has already done. */
const warmUps = 20;

/** The median of several runs counts, because on a busy machine some of them are interrupted. */
const roundsPerQuery = 7;
const changesTried = 51;

function middleOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function n36(value: number): string {
  return value.toString(36);
}
