import { parseArgs } from "node:util";
import { installCodemode } from "../run/packages.ts";
import { type Gathered, gatherCatalogs } from "./catalogs.ts";
import { codemodeVersion, createCodemode } from "./codemode.ts";
import { createOurs } from "./ours.ts";
import { counts, isOf, kinds, parts, readQueries, unlistedOf } from "./queries.ts";
import { type Asked, ask, type Recall, recallOf } from "./recall.ts";
import { publishedServers } from "./servers.ts";
import { measureSpeed, type Speed } from "./speed.ts";
import { isKept, type Target, targetsOf } from "./targets.ts";

const usage = `Usage: npm run bench:search -- [--json] [--misses]

Runs every query in bench/search/queries*.txt with our search and with that of @cloudflare/codemode, over the tools of ${publishedServers.length}
published servers. Also measures how long a search through 1,000 servers and 20,000 tools takes.

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
  codemode: Recall;
}

interface Result {
  date: string;
  codemode: string;
  gathered: Gathered;
  /** Number of queries left out because none of their servers is available. */
  unasked: number;
  rows: readonly Row[];
  speed: Speed;
  /** Tools that a query wants but that their server does not list, as `server/tool`. */
  unlisted: readonly string[];
  targets: readonly Target[];
}

async function bench(): Promise<void> {
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  await installCodemode(onStep);
  const gathered = await gatherCatalogs(publishedServers, onStep);
  const { catalogs, missing } = gathered;
  const all = readQueries();
  const queries = all.filter((query) => isOf(query, [...catalogs.keys()]));
  const ours = await ask(queries, createOurs(catalogs));
  const codemode = await ask(queries, await createCodemode(catalogs));
  const row = (title: string, isIn: (asked: Asked) => boolean): Row => ({
    title,
    ours: recallOf(ours.filter(isIn)),
    codemode: recallOf(codemode.filter(isIn)),
  });
  const counting = row("all", ({ query }) => counts(query));
  const unlisted = unlistedOf(catalogs);
  const result: Result = {
    date: new Date().toISOString(),
    codemode: codemodeVersion(),
    gathered,
    unasked: all.length - queries.length,
    rows: [
      counting,
      ...kinds.map((kind) => row(kind, ({ query }) => counts(query) && query.kind === kind)),
      ...parts.map((part) => row(part, ({ query }) => query.part === part)),
    ],
    speed: measureSpeed(catalogs, queries),
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
  const { unasked, rows, speed, unlisted, targets } = result;
  const misses = values.misses ? { misses: missesOf(asked) } : {};
  return `${JSON.stringify({ setting: settingOf(result), unasked, rows, speed, unlisted, targets, ...misses }, null, 2)}\n`;
}

function reportOf(result: Result, asked: readonly Asked[]): string {
  const { date, servers, tools, codemode } = settingOf(result);
  const { rows, speed, targets } = result;
  const misses = values.misses ? `\n${missesOf(asked).join("\n")}\n` : "";
  return `Measured on ${date.slice(0, 10)} over ${servers} published servers with ${tools} tools: share of queries with a right answer in first place /
in the first five places, in the order the model reads them; codemode is @cloudflare/codemode ${codemode}. The queries of "tuned" and "held out" were
written before the search was tuned, and split by a hash of their text; of "held out", only the total was looked at. "Written last" was written
afterwards. "For tuning" is in no other row, and some of its queries want the same tools as some of "held out". So "written last" is the fairest row.
${absencesOf(result)}
${table(["queries", "", "server: ours", "server: codemode", "tool: ours", "tool: codemode"], rows.map(recallRow))}

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

function recallRow({ title, ours, codemode }: Row): string[] {
  return [
    title,
    String(ours.queries),
    pair(ours.server1, ours.server5),
    pair(codemode.server1, codemode.server5),
    pair(ours.tool1, ours.tool5),
    pair(codemode.tool1, codemode.tool5),
  ];
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

function pair(first: number, five: number): string {
  return `${first.toFixed(2)} / ${five.toFixed(2)}`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
