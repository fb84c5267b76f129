import { parseArgs } from "node:util";
import { installCodemode } from "../run/packages.ts";
import { readCatalogs } from "./catalogs.ts";
import { codemodeVersion, createCodemode } from "./codemode.ts";
import { createOurs } from "./ours.ts";
import { halves, kinds, readQueries } from "./queries.ts";
import { type Asked, ask, type Recall, recallOf } from "./recall.ts";
import { measureSpeed } from "./speed.ts";

const usage = `Usage: npm run bench:search -- [--json] [--misses]

Asks the search, and that of @cloudflare/codemode, every query of bench/search/queries.txt over the tools of published
servers as captured in bench/search/catalogs/, and measures a search through 1,000 servers and 20,000 tools. Takes seconds;
needs no network but for the first installation of what is compared with.

  --json     the numbers as JSON instead of the tables
  --misses   the queries whose tool does not stand first, too
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
    row("all", () => true),
    ...halves.map((half) => row(half, ({ query }) => query.half === half)),
    ...kinds.map((kind) => row(kind, ({ query }) => query.kind === kind)),
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
the model reads them; codemode is @cloudflare/codemode ${setting.codemode}. The queries were written before the search was tuned; half of them
were not looked at while it was.

${table(rows)}

A search through ${speed.servers} servers and ${speed.tools} tools: ${ms(speed.medianMs)} (median), ${ms(speed.p95Ms)} (95th percentile), ${ms(speed.maxMs)} (slowest);
its index is built in ${ms(speed.buildMs)}, once for each change of the catalogue.
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
    .filter(({ tool, query }) => tool !== 0 && query.half === "tuned")
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
