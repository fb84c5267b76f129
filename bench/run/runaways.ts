import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { memoryBelow } from "../local/processes.ts";
import { readOptions } from "../options.ts";
import { connectTo, type OpenProduct, startProduct } from "../tokens/product.ts";
import { startClock } from "./clock-server.ts";
import { summarize } from "./statistics.ts";

const usage = `Usage: npm run bench:runaways -- [--quick] [--json]

Forty sessions run programs of one call one after another under a real \`npm start\`: all of them honest, then twelve of the sessions
running only programs without end, then every session running one of those in three programs or so. Prints how long an honest run
takes, how each kind of run ends, how far a program without end exceeds its limit, and what the Worker's process takes before all of it,
after each and five minutes later. Takes about twelve minutes.

  --quick   fifteen seconds instead of two minutes each, and for the five minutes: a glance
  --json    print the numbers as JSON instead of the table
  --help    print this text
`;

const sessionsCount = 40;
const runawayShare = 0.3;
const maxRuntimeMs = 2_000;

const honest = `import { clock } from "mcp-clients"; return await clock.now({});`;
const runaways = [
  "while (true) {}",
  'return /^(a+)+$/.test("a".repeat(60) + "b");',
  "const kept = []; for (;;) kept.push(new Uint8Array(5e7).fill(1));",
  'await new Promise((wake) => setTimeout(wake, 300)); return /^(a+)+$/.test("a".repeat(60) + "b");',
];

interface Run {
  isHonest: boolean;
  ms: number;
  /** "ok", or the code of its error. */
  end: string;
}

type Choice = (session: number, run: number) => string;

const phases: { title: string; choose: Choice }[] = [
  { title: "40 honest sessions", choose: () => honest },
  {
    title: "12 of 40 sessions run only programs without end",
    choose: (session, run) => (session % 10 < 10 * runawayShare ? runawayAt(session + run) : honest),
  },
  {
    title: "30 % of the programs of every session are without end",
    choose: (_session, run) => (Math.random() < runawayShare ? runawayAt(run) : honest),
  },
];

function runawayAt(number: number): string {
  return runaways[number % runaways.length] ?? honest;
}

async function bench({ ms, restMs, isJson }: { ms: number; restMs: number; isJson: boolean }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "runaways-"));
  const clock = await startClock();
  const mcp = { transport: "http", url: clock.url };
  const limits = { callsPerMinute: 1_000_000 };
  const product = await startProduct([{ id: "clock", title: "Clock", summary: "Tells the time.", mcp, limits }], folder);
  const sessions = await Promise.all(
    Array.from({ length: sessionsCount }, (_, session) => connectTo(new URL(`/s/load-${session}/mcp`, product.url))),
  );
  try {
    const rows = [];
    for (const { client } of sessions)
      await client.callTool({ name: "execute_mcp_code", arguments: { code: honest, language: "js" } });
    const workerMiB = () => Math.round(memoryBelow(product.pid).worker ?? 0);
    const beforeMiB = workerMiB();
    for (const { title, choose } of phases) {
      process.stderr.write(`· ${title}\n`);
      rows.push({ title, ...summaryOf(await load(sessions, { choose, ms })), workerMiB: workerMiB() });
      // What is remembered of a phase must not count in the next.
      await delay(5_000);
    }
    process.stderr.write("· a rest\n");
    await delay(restMs);
    const memory = { beforeMiB, afterRestMiB: workerMiB() };
    process.stdout.write(isJson ? `${JSON.stringify({ rows, memory }, null, 2)}\n` : tableOf(rows, memory));
  } finally {
    for (const session of sessions) await session[Symbol.asyncDispose]();
    await product[Symbol.asyncDispose]();
    clock.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each session runs one program after another until the time is up. */
async function load(sessions: readonly OpenProduct[], { choose, ms }: { choose: Choice; ms: number }): Promise<Run[]> {
  const until = Date.now() + ms;
  const runs: Run[] = [];
  await Promise.all(
    sessions.map(async ({ client }, session) => {
      for (let run = 0; Date.now() < until; run++) {
        const code = choose(session, run);
        const startedAt = performance.now();
        const end = await client
          .callTool({ name: "execute_mcp_code", arguments: { code, language: "js", maxRuntimeMs } })
          .then(({ structuredContent }) => endOf(structuredContent))
          .catch(() => "no answer");
        // On a fast machine forty sessions are more than one principal may run. A run that was refused for that has not been one.
        if (end === "rate_limited") await delay(1_000);
        else runs.push({ isHonest: code === honest, ms: performance.now() - startedAt, end });
      }
    }),
  );
  return runs;
}

const Ended = z.union([
  z.looseObject({ ok: z.literal(true) }).transform(() => "ok"),
  z.looseObject({ errors: z.tuple([z.looseObject({ code: z.string() })]) }).transform(({ errors: [{ code }] }) => code),
]);

function endOf(outcome: unknown): string {
  return Ended.catch("no outcome").parse(outcome);
}

interface Row {
  title: string;
  runs: number;
  medianMs: number;
  p95Ms: number;
  honestEnds: Record<string, number>;
  runawayEnds: Record<string, number>;
  /** Of its process, when the load ends. */
  workerMiB: number;
  /** How far the slowest program without end exceeded its limit; undefined if there was none. */
  overMs: number | undefined;
}

function summaryOf(runs: readonly Run[]): Omit<Row, "title" | "workerMiB"> {
  const good = runs.filter(({ isHonest }) => isHonest);
  const bad = runs.filter(({ isHonest }) => !isHonest);
  const { median, p95 } = summarize(good.map(({ ms }) => ms));
  return {
    runs: good.length,
    medianMs: Math.round(median),
    p95Ms: Math.round(p95),
    honestEnds: countEnds(good),
    runawayEnds: countEnds(bad),
    overMs: bad.length === 0 ? undefined : Math.round(Math.max(...bad.map(({ ms }) => ms)) - maxRuntimeMs),
  };
}

function countEnds(runs: readonly Run[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { end } of runs) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}

function tableOf(rows: readonly Row[], { beforeMiB, afterRestMiB }: { beforeMiB: number; afterRestMiB: number }): string {
  const ends = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([end, count]) => `${end} ${count}`)
      .join(", ");
  const lines = rows.map(
    ({ title, runs, medianMs, p95Ms, honestEnds, runawayEnds, overMs, workerMiB }) =>
      `| ${title} | ${runs} | ${medianMs} / ${p95Ms} | ${ends(honestEnds)} | ${ends(runawayEnds)} | ${overMs ?? ""} | ${workerMiB} |`,
  );
  return [
    "| load | honest runs | ms, median / p95 | honest runs end | runs without end end | slowest, ms over its limit | Worker, MiB |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
    `The Worker took ${beforeMiB} MiB before the first load, when each session had run one program, and ${afterRestMiB} after the rest: ${(afterRestMiB / beforeMiB).toFixed(2)} ×.`,
    "",
  ].join("\n");
}

const options = readOptions(usage);
if (options?.help) process.stdout.write(usage);
else if (options) {
  const [ms, restMs] = options.quick ? [15_000, 15_000] : [120_000, 300_000];
  await bench({ ms, restMs, isJson: options.json });
}
