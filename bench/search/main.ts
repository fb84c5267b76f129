import { parseArgs } from "node:util";
import { installCodemode } from "../run/packages.ts";
import { createBm25 } from "./bm25.ts";
import { type Catalog, type Gathered, gatherCatalogs } from "./catalogs.ts";
import { codemodeVersion, createCodemode } from "./codemode.ts";
import { gatherNeutral, type Neutral } from "./neutral.ts";
import { gatherOtherSets, type OtherSet } from "./other-sets.ts";
import { createOurs } from "./ours.ts";
import { type Path, pathOfDefinitions, pathOfOurs } from "./path.ts";
import {
  counts,
  isHeldOut,
  isOf,
  kinds,
  parts,
  type Query,
  readFifth,
  readMore,
  readNeutral,
  readQueries,
  unlistedOf,
} from "./queries.ts";
import { type Asked, ask, type Recall, recallOf } from "./recall.ts";
import { type SaidNone, saidNoneRows } from "./said-none.ts";
import { moreServers, publishedServers } from "./servers.ts";
import { measureSpeed, type Speed } from "./speed.ts";
import { isKept, type Target, targetsOf } from "./targets.ts";

const usage = `Usage: npm run bench:search -- [--json] [--misses]

Runs every query in bench/search/queries*.txt with our search, with plain BM25 and with that of @cloudflare/codemode, over the tools of ${publishedServers.length}
published servers, over ${moreServers.length} more, and those of LiveMCPBench, MetaTool and Seal-Tools over their own. Also measures how long a search through 1,000 servers and 20,000 tools takes.

The first run takes up to half an hour and needs the network: it installs each server in bench/search/servers.ts without its
install scripts, starts it with invalid credentials, and keeps its list of tools in bench/.cache/catalogs/. A server that fails is
left out, and the next run tries it again. Later runs take a few seconds.

  --json     print the numbers as JSON instead of the tables
  --misses   also print the queries whose tool is not first, except those that are held out or were written last
  --help     print this text
`;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    misses: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await bench();

interface Row {
  title: string;
  ours: Recall;
  bm25: Recall;
  codemode: Recall;
}

interface Result {
  date: string;
  codemode: string;
  gathered: Gathered;
  /** Number of queries left out because none of their servers is available. */
  unasked: number;
  rows: readonly Row[];
  saidNone: readonly SaidNone[];
  paths: readonly { title: string; path: Path }[];
  speed: Speed;
  /** Tools that a query wants but that their server does not list, as `server/tool`. */
  unlisted: readonly string[];
  targets: readonly Target[];
}

/** The same queries in three searches over the same servers. */
async function askAll(catalogs: ReadonlyMap<string, Catalog>, queries: readonly Query[]) {
  const ours = await ask(queries, createOurs(catalogs));
  const bm25 = await ask(queries, createBm25(catalogs));
  const codemode = await ask(queries, await createCodemode(catalogs));
  const row = (title: string, isIn: (asked: Asked) => boolean = () => true): Row => ({
    title,
    ours: recallOf(ours.filter(isIn)),
    bm25: recallOf(bm25.filter(isIn)),
    codemode: recallOf(codemode.filter(isIn)),
  });
  return { ours, row };
}

async function neutralRows({ catalogs, steps }: Neutral): Promise<Row[]> {
  const asked = await askAll(catalogs, readNeutral("first"));
  return [
    asked.row("other servers"),
    asked.row("other servers, sentences", ({ query }) => query.kind === "conversational"),
    (await askAll(catalogs, readNeutral("second"))).row("other servers, second set"),
    (await askAll(catalogs, readNeutral("third"))).row("other servers, third set"),
    ...fifthRows("other servers", await askAll(catalogs, readNeutral("fifth"))),
    (await askAll(catalogs, steps)).row("steps of LiveMCPBench"),
  ];
}

async function moreRows(catalogs: ReadonlyMap<string, Catalog>): Promise<Row[]> {
  const asked = await askAll(catalogs, readMore([...catalogs.keys()]));
  return [
    asked.row("more servers, third set", ({ query }) => query.part === "third set"),
    asked.row("more servers, third set, held out", ({ query }) => query.part === "third set" && isHeldOut(query)),
    asked.row("more servers, fourth set", ({ query }) => query.part === "fourth set"),
  ];
}

/** The fifth set is over all published servers at once. */
async function fifthSetRows(catalogs: ReadonlyMap<string, Catalog>): Promise<Row[]> {
  return fifthRows("published servers", await askAll(catalogs, readFifth([...catalogs.keys()])));
}

function fifthRows(title: string, { row }: Awaited<ReturnType<typeof askAll>>): Row[] {
  return [row(`${title}, fifth set`), row(`${title}, fifth set, held out`, ({ query }) => isHeldOut(query))];
}

async function otherRows(sets: readonly OtherSet[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { title, catalogs, queries } of sets) rows.push((await askAll(catalogs, queries)).row(title));
  return rows;
}

async function bench(): Promise<void> {
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  await installCodemode(onStep);
  const gathered = await gatherCatalogs(publishedServers, onStep);
  const { catalogs } = gathered;
  const more = await gatherCatalogs(moreServers, onStep);
  const missing = [...gathered.missing, ...more.missing];
  const all = readQueries();
  const queries = all.filter((query) => isOf(query, [...catalogs.keys()]));
  const neutral = await gatherNeutral(onStep);
  const others = await gatherOtherSets(onStep);
  const { ours, row } = await askAll(catalogs, queries);
  const counting = row("all", ({ query }) => counts(query));
  const counted = queries.filter(counts);
  const unlisted = unlistedOf(catalogs);
  const result: Result = {
    date: new Date().toISOString(),
    codemode: codemodeVersion(),
    gathered: { catalogs, missing },
    unasked: all.length - queries.length,
    rows: [
      counting,
      ...kinds.map((kind) => row(kind, ({ query }) => counts(query) && query.kind === kind)),
      ...parts
        .filter((part) => part !== "neutral" && part !== "fifth set")
        .map((part) => row(part, ({ query }) => query.part === part)),
      row("third set, held out", ({ query }) => query.part === "third set" && isHeldOut(query)),
      ...(await moreRows(more.catalogs)),
      ...(await fifthSetRows(new Map([...catalogs, ...more.catalogs]))),
      ...(neutral ? await neutralRows(neutral) : []),
      ...(await otherRows(others)),
    ],
    saidNone: saidNoneRows(catalogs, queries, neutral, more.catalogs),
    paths: [
      { title: "ours: list, then describe where needed", path: await pathOfOurs(catalogs, counted) },
      {
        title: "the five best definitions, by BM25",
        path: await pathOfDefinitions(catalogs, counted, createBm25(catalogs)),
      },
      {
        title: "the five best definitions, by our ranking",
        path: await pathOfDefinitions(catalogs, counted, createOurs(catalogs)),
      },
    ],
    speed: await measureSpeed(catalogs, queries),
    unlisted,
    targets: targetsOf({ recall: counting.ours, missingServers: missing.length, unlistedTools: unlisted.length }),
  };
  process.stdout.write(values.json ? jsonOf(result, ours) : reportOf(result, ours));
}

function settingOf({ date, codemode, gathered: { catalogs, missing } }: Result) {
  const tools = [...catalogs.values()].reduce((sum, catalog) => sum + catalog.tools.length, 0);
  return { date, servers: catalogs.size, tools, missing, codemode };
}

function jsonOf(result: Result, asked: readonly Asked[]): string {
  const { unasked, rows, saidNone, paths, speed, unlisted, targets } = result;
  const misses = values.misses ? { misses: missesOf(asked) } : {};
  return `${JSON.stringify({ setting: settingOf(result), unasked, rows, saidNone, paths, speed, unlisted, targets, ...misses }, null, 2)}\n`;
}

function reportOf(result: Result, asked: readonly Asked[]): string {
  const { date, servers, tools, codemode } = settingOf(result);
  const { rows, saidNone, paths, speed, targets } = result;
  const misses = values.misses ? `\n${missesOf(asked).join("\n")}\n` : "";
  return `Measured on ${date.slice(0, 10)} over ${servers} published servers with ${tools} tools: share of queries with a right answer in first place /
in the first five places / for a tool, shown at all, in the order the model reads them; codemode is @cloudflare/codemode ${codemode}. The queries of "tuned" and "held out" were
written before the search was tuned, and split by a hash of their text; of "held out", only the total was looked at. "Written last" was written
afterwards. "For tuning" is in no other row, and some of its queries want the same tools as some of "held out". So "written last" is the fairest row.
${absencesOf(result)}
${table(["queries", "", "server: ours", "server: BM25", "server: codemode", "tool: ours", "tool: BM25", "tool: codemode"], rows.map(recallRow))}

${table(["said to have no tool", "requests that have none", "", "queries that have one", "the same without its server"], saidNone.map(saidNoneRow))}

${table(["until the right call can be written", "", "shown", "tokens then, median", "tokens of the first answer, median"], paths.map(pathRow))}

A search through ${speed.servers} servers and ${speed.tools} tools: ${ms(speed.medianMs)} (median), ${ms(speed.p95Ms)} (95th percentile), ${ms(speed.maxMs)} (slowest).
Indexing all of them takes ${ms(speed.buildMs)} once, in steps of at most ${ms(speed.turnMs)}. A server whose tools changed is indexed again in ${ms(speed.changeMs)}.

${table(["target, over all queries that count", "", "measured", ""], targets.map(targetRow))}
${misses}`;
}

/** Which servers and tools are missing. Empty if none is. */
function absencesOf({ gathered: { missing }, unasked, unlisted }: Result): string {
  const lines = missing.map(({ id, reason }) => `Left out: ${id} (${reason}).`);
  if (unasked > 0) lines.push(`Queries left out with them: ${unasked}.`);
  if (unlisted.length > 0) lines.push(`Wanted by a query but not listed: ${unlisted.join(", ")}.`);
  return lines.map((line) => `\n${line}`).join("") + (lines.length > 0 ? "\n" : "");
}

function recallRow({ title, ours, bm25, codemode }: Row): string[] {
  return [
    title,
    String(ours.queries),
    shares(ours.server1, ours.server5),
    shares(bm25.server1, bm25.server5),
    shares(codemode.server1, codemode.server5),
    shares(ours.tool1, ours.tool5, ours.toolShown),
    shares(bm25.tool1, bm25.tool5, bm25.toolShown),
    shares(codemode.tool1, codemode.tool5, codemode.toolShown),
  ];
}

function saidNoneRow({ title, requests, withoutTool, withTool, withoutServer }: SaidNone): string[] {
  return [title, String(requests), percent(withoutTool), percent(withTool), percent(withoutServer)];
}

function pathRow({ title, path }: { title: string; path: Path }): string[] {
  return [title, String(path.queries), path.shown.toFixed(2), String(path.tokens), String(path.firstTokens)];
}

function targetRow(target: Target): string[] {
  const { title, is, bound, measured } = target;
  return [title, `${is} ${bound}`, String(Number(measured.toFixed(3))), isKept(target) ? "kept" : "**lost**"];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function missesOf(asked: readonly Asked[]): string[] {
  return asked
    .filter(({ tool, query }) => tool !== 0 && (query.part === "tuned" || query.part === "for tuning"))
    .map(({ query, server, tool }) => `${query.kind}: ${query.text} → server ${place(server)}, tool ${place(tool)}`);
}

function place(at: number): string {
  return at < 0 ? "not shown" : `#${at + 1}`;
}

function shares(...parts: number[]): string {
  return parts.map((part) => part.toFixed(2)).join(" / ");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
