import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { executorVersion, openExecutor } from "./executor.ts";
import { installedMiB } from "./install.ts";
import { type Measured, measure } from "./measurements.ts";
import { type Product, startProduct } from "./product.ts";

const usage = `Usage: npm run bench:local -- [--against <checkout>] [--quick] [--json]

Installs the last commit for use alone, starts the orchestrator as \`npm start\` does, and measures from outside what it takes (disk, memory,
processor at rest, time to start) and how long a listing, programs and calls take from end to end over HTTP, beside executor ${executorVersion},
which runs code in QuickJS in one process.
Takes about five minutes. Run nothing else at the same time. Linux only.

  --against <checkout>  measure another checkout of this project, installed, in the same run
  --quick               a third of the rounds: a rough estimate, not a measurement
  --json                print the numbers as JSON instead of the table
  --help                print this text
`;

const root = fileURLToPath(new URL("../../", import.meta.url));
const starts = 3;

await main();

async function main(): Promise<void> {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({ options: { quick: flag, json: flag, help: flag, against: { type: "string" } } });
    if (values.help) process.stdout.write(usage);
    else await bench({ isQuick: values.quick, isJson: values.json, against: values.against });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
}

async function bench({
  isQuick,
  isJson,
  against,
}: {
  isQuick: boolean;
  isJson: boolean;
  against: string | undefined;
}): Promise<void> {
  // Progress goes to stderr, so that stdout holds only the table.
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  const [load = 0] = loadavg();
  const roots = new Map([["ours", root], ...(against === undefined ? [] : [["against", resolve(against)] as const])]);
  const folder = await mkdtemp(join(tmpdir(), "bench-local-"));
  const products = new Map<string, Product>();
  const startMs: Record<string, number> = {};
  await using executor = await openExecutor(onStep);
  onStep("installing the last commit for use alone");
  const ours = await installedMiB(root);
  const installed: Record<string, number> = ours === undefined ? {} : { ours };
  try {
    for (const [name, checkout] of roots) {
      onStep(`starting ${checkout} ${starts} times`);
      const times: number[] = [];
      for (let at = 1; at < starts; at++) {
        await using product = await startProduct(checkout, folder);
        times.push(product.startedMs);
      }
      const product = await startProduct(checkout, folder);
      products.set(name, product);
      startMs[name] = [...times, product.startedMs].sort((a, b) => a - b)[1] ?? Number.NaN;
    }
    const measured = await measure({ products, executor, rounds: isQuick ? 5 : 15, idleMs: isQuick ? 10_000 : 30_000, onStep });
    const setting = {
      date: new Date().toISOString(),
      cores: cpus().length,
      processor: cpus()[0]?.model.trim(),
      node: process.versions.node,
      load,
    };
    process.stdout.write(
      isJson
        ? `${JSON.stringify({ setting, startMs, installed, ...measured }, null, 1)}\n`
        : reportOf({ startMs, installed, ...measured }, setting),
    );
  } finally {
    for (const product of products.values()) await product[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

type Row = Record<string, number>;

function reportOf(
  { startMs, installed, times, usage: taken }: Measured & { startMs: Row; installed: Row },
  setting: { date: string; cores: number; node: string; load: number },
): string {
  const names = Object.keys(startMs);
  const hasExecutor = Object.values(times).some((row) => row.executor !== undefined);
  const columns = [...names, ...(hasExecutor ? ["executor"] : [])];
  const ratios = columns.slice(1).map((name) => `ours ÷ ${name}`);
  const line = (title: string, row: Row, unit: string) =>
    `| ${[
      title,
      ...columns.map((name) => (row[name] === undefined ? "" : `${digits(row[name])} ${unit}`)),
      ...columns.slice(1).map((name) => (row[name] === undefined ? "" : ((row.ours ?? Number.NaN) / row[name]).toFixed(2))),
    ].join(" | ")} |`;
  const of = (pick: (one: Measured["usage"][string]) => number) =>
    Object.fromEntries(Object.entries(taken).map(([name, one]) => [name, pick(one)]));
  const rows = [
    line("installed by `npm ci --omit=dev`", installed, "MiB"),
    line("start to Ready", startMs, "ms"),
    ...Object.entries(times).map(([title, row]) => line(title, row, "ms")),
    line(
      "memory after twenty typed programs",
      of(({ pssMiB }) => pssMiB),
      "MiB",
    ),
    line(
      "processes",
      of(({ processes }) => processes),
      "",
    ),
    line(
      "processor at rest, % of a core",
      of(({ idleShare }) => idleShare * 100),
      "",
    ),
  ];
  const head = ["", ...columns, ...ratios];
  return `Measured on ${setting.date.slice(0, 10)} on ${setting.cores} cores with Node ${setting.node}, load ${setting.load.toFixed(1)} before; executor ${executorVersion} over stdio, ours over HTTP.
Medians; memory is the proportional set size of all processes of the product, npm included, without the user's server.

| ${head.join(" | ")} |
|${head.map(() => " --- ").join("|")}|
${rows.join("\n")}
`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
