import { parseArgs } from "node:util";
import { installCodemode } from "../run/packages.ts";
import { readCatalogs } from "./catalogs.ts";
import { codemodeVersion, createCodemode } from "./codemode.ts";
import { createOurs } from "./ours.ts";
import { counts, kinds, parts, readQueries } from "./queries.ts";
import { type Asked, ask, type Recall, recallOf } from "./recall.ts";
import { measureSpeed } from "./speed.ts";

const usage = `Usage: npm run bench:search -- [--json] [--misses]

Asks the search, and that of @cloudflare/codemode, every query of bench/search/queries*.txt over the tools of published
servers as captured in bench/search/catalogs/, and measures a search through 1,000 servers and 20,000 tools. Takes seconds;
needs no network but for the first installation of what is compared with.

  --json     the numbers as JSON instead of the tables
  --misses   the queries whose tool does not stand first, too, of those that may be looked at
  --help     this text
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
  process.stdout.write(`Asked on ${setting.date.slice(0, 10)} over ${setting.servers} published servers with ${setting.tools} tools. First / among the first five, in the order
the model reads them; codemode is @cloudflare/codemode ${setting.codemode}. "Tuned" and "held out" were written before the search was tuned and split by
their words; of those held out only the recall as a whole was looked at. "Written last" came after it. "For tuning" count for nothing else, and
some ask for the same as some held out: "written last" is the fairest row.

${table(rows)}

A search through ${speed.servers} servers and ${speed.tools} tools: ${ms(speed.medianMs)} (median), ${ms(speed.p95Ms)} (95th percentile), ${ms(speed.maxMs)} (slowest).
Reading all of them takes ${ms(speed.buildMs)} once, at most ${ms(speed.turnMs)} at a time; a server whose tools changed is read again in ${ms(speed.changeMs)}.
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
