import { parseArgs } from "node:util";
import { installCodemode } from "../run/packages.ts";
import { readCatalogs } from "./catalogs.ts";
import { codemodeVersion, createCodemode } from "./codemode.ts";
import { createOurs } from "./ours.ts";
import { counts, kinds, parts, readQueries } from "./queries.ts";
import { type Asked, ask, type Recall, recallOf } from "./recall.ts";
import { measureSpeed } from "./speed.ts";

const usage = `Usage: npm run bench:search -- [--json] [--misses]

Runs every query in bench/search/queries*.txt with our search and with that of @cloudflare/codemode, over the tools of the
published servers in bench/search/catalogs/. Also measures how long a search through 1,000 servers and 20,000 tools takes.
Takes a few seconds. Needs the network only for the first installation of @cloudflare/codemode.

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

async function bench(): Promise<void> {
  await installCodemode((title) => void process.stderr.write(`· ${title}\n`));
  const catalogs = readCatalogs();
  const queries = readQueries();
  const ours = await ask(queries, createOurs(catalogs));
  const codemode = await ask(queries, await createCodemode(catalogs));
  const row = (title: string, isIn: (asked: Asked) => boolean): Row => ({
    title,
    ours: recallOf(ours.filter(isIn)),
    codemode: recallOf(codemode.filter(isIn)),
  });
  const rows = [
    row("all", ({ query }) => counts(query)),
    ...kinds.map((kind) => row(kind, ({ query }) => counts(query) && query.kind === kind)),
    ...parts.map((part) => row(part, ({ query }) => query.part === part)),
  ];
  const speed = measureSpeed(catalogs, queries);
  const setting = {
    date: new Date().toISOString(),
    servers: catalogs.size,
    tools: [...catalogs.values()].reduce((sum, { tools }) => sum + tools.length, 0),
    codemode: codemodeVersion(),
  };
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ setting, rows, speed, ...(values.misses ? { misses: missesOf(ours) } : {}) }, null, 2)}\n`,
    );
    return;
  }
  process.stdout.write(`Measured on ${setting.date.slice(0, 10)} over ${setting.servers} published servers with ${setting.tools} tools: share of queries with a right answer in first place /
in the first five places, in the order the model reads them; codemode is @cloudflare/codemode ${setting.codemode}. The queries of "tuned" and "held out" were
written before the search was tuned, and split by a hash of their text; of "held out", only the total was looked at. "Written last" was written
afterwards. "For tuning" is in no other row, and some of its queries want the same tools as some of "held out". So "written last" is the fairest row.

${table(rows)}

A search through ${speed.servers} servers and ${speed.tools} tools: ${ms(speed.medianMs)} (median), ${ms(speed.p95Ms)} (95th percentile), ${ms(speed.maxMs)} (slowest).
Indexing all of them takes ${ms(speed.buildMs)} once, in steps of at most ${ms(speed.turnMs)}. A server whose tools changed is indexed again in ${ms(speed.changeMs)}.
`);
  if (values.misses) process.stdout.write(`\n${missesOf(ours).join("\n")}\n`);
}

function table(rows: readonly Row[]): string {
  const head = ["queries", "", "server: ours", "server: codemode", "tool: ours", "tool: codemode"];
  const cells = rows.map(({ title, ours, codemode }) => [
    title,
    String(ours.queries),
    pair(ours.server1, ours.server5),
    pair(codemode.server1, codemode.server5),
    pair(ours.tool1, ours.tool5),
    pair(codemode.tool1, codemode.tool5),
  ]);
  return [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`).join("\n");
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
