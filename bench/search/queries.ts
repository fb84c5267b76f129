import { readFileSync } from "node:fs";
import type { Catalog } from "./catalogs.ts";

export const kinds = ["plain", "conversational", "synonym", "misspelt"] as const;
export type Kind = (typeof kinds)[number];

/**
 * How a query was used while the search was tuned. The queries of `queries.txt` were written before that: those of one half were
 * looked at one by one ("tuned"), of the other half only the total recall ("held out"). The queries "for tuning" were written and
 * looked at during the tuning, and count for nothing else. They were written without knowledge of those held out, but by chance some
 * want the same tools. The queries "written last" came after the last change, for random tools that no other query wants. Those that are
 * "unseen" are users' sentences without the words of the tools, some in other languages; the ranking was judged by them, not made for them.
 * The "second set" was written before the answer that nothing fits was changed, and only its totals were looked at.
 * The "third set" was written before the ranking was read; one half of it was looked at afterwards, of the other only the totals.
 * The "fourth set" was written when the ranking had been read but for tools chosen at random that no other query wants; of it, too, one half
 * was looked at.
 * The "fifth set" was written before the ranking was read, for tools that no other query wants, those of the servers of neutral.ts that no other query
 * is for first; of the half that is held out nothing was looked at before the last change.
 * The "neutral" ones are for other servers: see neutral.ts.
 */
export const parts = [
  "tuned",
  "held out",
  "written last",
  "unseen",
  "second set",
  "third set",
  "fourth set",
  "fifth set",
  "for tuning",
  "neutral",
] as const;
export type Part = (typeof parts)[number];

export interface Query {
  kind: Kind;
  part: Part;
  text: string;
  /**
   * Every right tool, as `server/tool`. Decided by reading the names and descriptions of all tools, before any search was run:
   * - one call of it does what the query asks, or is the necessary first step;
   * - if the query names a product, only that product's tools are right, otherwise those of all servers;
   * - if the query only names a thing, the tools that list, read or create it are right;
   * - a tool that can do anything (a shell, any kubectl command, an agent) is right only if its description names what is asked.
   */
  wanted: readonly string[];
}

/** One query per line: `kind|words|server/tool …`. */
export function readQueries(): Query[] {
  return [
    ...readFile("queries.txt", (text) => halfOf(text)),
    ...readFile("queries-late.txt", () => "written last"),
    ...readFile("queries-unseen.txt", () => "unseen"),
    ...readFile("queries-second.txt", () => "second set"),
    ...readFile("queries-third.txt", () => "third set"),
    ...readFile("queries-fourth.txt", () => "fourth set"),
    ...readFile("queries-tuning.txt", () => "for tuning"),
  ];
}

const neutral = {
  first: "queries-neutral.txt",
  second: "queries-neutral-second.txt",
  third: "queries-neutral-third.txt",
  fifth: "queries-neutral-fifth.txt",
};

/** Queries for the servers of neutral.ts, written before the ranking was looked at with them; the third set with the fourth for published ones. */
export function readNeutral(set: keyof typeof neutral): Query[] {
  return readFile(neutral[set], () => "neutral");
}

/** The third and the fourth set for those of the `moreServers` that are there, written and looked at like those for the published ones. */
export function readMore(ids: readonly string[]): Query[] {
  const fourth = readFile("queries-more-fourth.txt", () => "fourth set");
  return [...readFile("queries-more.txt", () => "third set"), ...fourth].filter((query) => isOf(query, ids));
}

/** The fifth set, over the published servers and the `moreServers` together: those that one of these has a tool for. */
export function readFifth(ids: readonly string[]): Query[] {
  return readFile("queries-fifth.txt", () => "fifth set").filter((query) => isOf(query, ids));
}

/** Which half of the third, the fourth and the fifth set was not looked at. */
export function isHeldOut({ text }: { text: string }): boolean {
  return halfOf(text) === "held out";
}

const withoutTool = {
  published: "queries-without-tool.txt",
  "published, second set": "queries-second-without-tool.txt",
  "published, third set": "queries-third-without-tool.txt",
  "published, fourth set": "queries-fourth-without-tool.txt",
  "fifth set": "queries-fifth-without-tool.txt",
  more: "queries-more-without-tool.txt",
  neutral: "queries-neutral-without-tool.txt",
  "neutral, second set": "queries-neutral-second-without-tool.txt",
  "for tuning": "queries-tuning-without-tool.txt",
};

/** Requests that no tool of the published servers fulfils, or none of those of neutral.ts; those for tuning and of the fifth set, none of either. */
export function readWithoutTool(of: keyof typeof withoutTool): string[] {
  const lines = readFileSync(new URL(withoutTool[of], import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "");
}

/** Whether a query counts in the totals. Queries written for tuning do not, and "unseen" ones and the second set have rows of their own. */
export function counts({ part }: Query): boolean {
  return part === "tuned" || part === "held out" || part === "written last";
}

/** Whether one of these servers has a tool that the query wants. */
export function isOf({ wanted }: Query, ids: readonly string[]): boolean {
  return wanted.some((path) => ids.includes(serverOf(path)));
}

/** The tools that a query wants from these servers but that they do not list, as `server/tool`. */
export function unlistedOf(catalogs: ReadonlyMap<string, Catalog>): string[] {
  const listed = new Set([...catalogs].flatMap(([id, { tools }]) => tools.map(({ name }) => `${id}/${name}`)));
  const wanted = new Set(readQueries().flatMap((query) => query.wanted));
  return [...wanted].filter((path) => catalogs.has(serverOf(path)) && !listed.has(path));
}

export function serverOf(path: string): string {
  return path.slice(0, path.indexOf("/"));
}

function readFile(name: string, partOf: (text: string) => Part): Query[] {
  const lines = readFileSync(new URL(name, import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => readLine(line, partOf));
}

function readLine(line: string, partOf: (text: string) => Part): Query {
  const [kindText, text = "", wanted = ""] = line.split("|");
  const kind = kinds.find((known) => known === kindText);
  if (kind === undefined || text === "" || wanted === "") throw new Error(`not a query: ${line}`);
  return { kind, text, part: partOf(text), wanted: wanted.split(" ") };
}

/** Split by a hash of the text (FNV-1a), so that nobody chooses. */
function halfOf(text: string): Part {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return ((hash >>> 16) ^ hash) & 1 ? "held out" : "tuned";
}
