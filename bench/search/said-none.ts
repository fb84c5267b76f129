import type { Catalog } from "./catalogs.ts";
import type { Neutral } from "./neutral.ts";
import { saidNothingFits, saidNothingWithoutServer } from "./ours.ts";
import { counts, isHeldOut, type Query, readFifth, readMore, readNeutral, readWithoutTool } from "./queries.ts";

/** The share of requests without a tool, of queries with one, and of these without its server, that are said to have none. */
export interface SaidNone {
  title: string;
  requests: number;
  withoutTool: number;
  withTool: number;
  withoutServer: number;
}

function saidNoneOf(
  title: string,
  catalogs: ReadonlyMap<string, Catalog>,
  queries: readonly Query[],
  none: readonly string[],
): SaidNone {
  return {
    title,
    requests: none.length,
    withoutTool: saidNothingFits(catalogs, none),
    withTool: saidNothingFits(
      catalogs,
      queries.map(({ text }) => text),
    ),
    withoutServer: saidNothingWithoutServer(catalogs, queries),
  };
}

/** Requests that have no tool, beside queries over the same servers that have one. */
export function saidNoneRows(
  catalogs: ReadonlyMap<string, Catalog>,
  queries: readonly Query[],
  neutral: Neutral | undefined,
  more: ReadonlyMap<string, Catalog>,
): SaidNone[] {
  const second = queries.filter(({ part }) => part === "second set");
  const fourth = queries.filter(({ part }) => part === "fourth set");
  const tuning = queries.filter(({ part }) => part === "for tuning");
  const third = queries.filter(({ part }) => part === "third set");
  const ofMore = readMore([...more.keys()]).filter(({ part }) => part === "third set");
  const unread = (texts: readonly string[]) => texts.filter((text) => isHeldOut({ text }));
  const everything = new Map([...catalogs, ...more]);
  const fifth = readFifth([...everything.keys()]);
  const own = [
    saidNoneOf("published servers", catalogs, queries.filter(counts), readWithoutTool("published")),
    saidNoneOf("published servers, second set", catalogs, second, readWithoutTool("published, second set")),
    saidNoneOf("published servers, third set", catalogs, third, readWithoutTool("published, third set")),
    saidNoneOf("the same, held out", catalogs, third.filter(isHeldOut), unread(readWithoutTool("published, third set"))),
    saidNoneOf("published servers, fourth set", catalogs, fourth, readWithoutTool("published, fourth set")),
    saidNoneOf("published servers, fifth set", everything, fifth, readWithoutTool("fifth set")),
    saidNoneOf("the same, held out", everything, fifth.filter(isHeldOut), unread(readWithoutTool("fifth set"))),
    saidNoneOf("more servers, third set", more, ofMore, readWithoutTool("more")),
    saidNoneOf("the same, held out", more, ofMore.filter(isHeldOut), unread(readWithoutTool("more"))),
    saidNoneOf("published servers, for tuning", catalogs, tuning, readWithoutTool("for tuning")),
  ];
  if (neutral === undefined) return own;
  const others = readNeutral("fifth");
  return [
    ...own,
    saidNoneOf("other servers", neutral.catalogs, readNeutral("first"), readWithoutTool("neutral")),
    saidNoneOf("other servers, second set", neutral.catalogs, readNeutral("second"), readWithoutTool("neutral, second set")),
    saidNoneOf("other servers, fifth set", neutral.catalogs, others, readWithoutTool("fifth set")),
    saidNoneOf("the same, held out", neutral.catalogs, others.filter(isHeldOut), unread(readWithoutTool("fifth set"))),
    saidNoneOf("other servers, for tuning", neutral.catalogs, neutral.steps, readWithoutTool("for tuning")),
  ];
}
