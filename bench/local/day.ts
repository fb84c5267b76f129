import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readOptions } from "../options.ts";
import { startClock } from "../run/clock-server.ts";
import { connectTo, type OpenProduct, startProduct } from "../tokens/product.ts";
import { everythingProgram } from "../upstream/everything.ts";
import { idleShare, memoryBelow } from "./processes.ts";

const usage = `Usage: npm run bench:day -- [--quick] [--json]

Forty minutes of ordinary use under a real \`npm start\`: six sessions with a run a second between them, new and repeated programs, listings,
values and long results, one of them with a stdio server. Then a quarter of an hour of rest. Prints the memory of each process minute
by minute (proportional set size), how many runs failed, and what the rest takes. Other work on the machine does not disturb it much.

  --quick   three minutes and one of rest: a glance
  --json    print the numbers as JSON instead of the tables
  --help    print this text
`;

const sessionsCount = 6;

interface Minute {
  /** Name of the process → MiB. */
  memory: Record<string, number>;
  runs: number;
  failed: number;
  /** Milliseconds, median of its runs. */
  median: number;
}

let written = 0;

/** What a session does in turn. The first one reaches a stdio server, the others a remote one. */
const programs: ((session: number) => string)[] = [
  (session) => `${callOf(session)} // ${++written}`,
  (session) => callOf(session),
  () => `return Array.from({ length: 2_000 }, (_, at) => ({ at, text: "row " + at + " of ${++written}" }));`,
  () => `import { session } from "runtime"; await session.set("seen", ${++written}); return await session.get("seen");`,
  () => "return [1, 2, 3].map((value) => value * 2);",
  (session) => `const rows: { at: number; text: string }[] = [];
for (let at = 0; at < 5; at++) rows.push({ at, text: String(await ${calledIn(session)}) });
return rows.length; // ${++written}`,
];

function calledIn(session: number): string {
  return session === 0 ? 'pipe.echo({ message: "a message" })' : "clock.now({})";
}

function callOf(session: number): string {
  return `return await ${calledIn(session)};`;
}

async function bench({ minutes, restMs, isJson }: { minutes: number; restMs: number; isJson: boolean }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-day-"));
  const clock = await startClock();
  const limits = { callsPerMinute: 1_000_000 };
  const servers = [
    { id: "clock", title: "Clock", summary: "Tells the time.", mcp: { transport: "http", url: clock.url }, limits },
    {
      ...{ id: "pipe", title: "Pipe", summary: "server-everything over a pipe.", limits },
      mcp: { transport: "stdio", command: process.execPath, args: [everythingProgram] },
    },
  ];
  const [load = 0] = loadavg();
  const product = await startProduct(servers, folder);
  const others = Array.from({ length: sessionsCount - 1 }, (_, session) =>
    connectTo(new URL(`/s/day-${session}/mcp`, product.url)),
  );
  const sessions: OpenProduct[] = [product, ...(await Promise.all(others))];
  const readings: Minute[] = [];
  try {
    for (let minute = 1; minute <= minutes; minute++) {
      const { times, failed } = await useFor(sessions, 60_000);
      const median = times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
      const reading = { memory: memoryBelow(product.pid), runs: times.length, failed, median };
      readings.push(reading);
      process.stderr.write(
        `· minute ${minute}: ${JSON.stringify(rounded(reading.memory))}, ${median.toFixed(1)} ms, ${failed} failed\n`,
      );
    }
    process.stderr.write("· rest\n");
    await delay(restMs / 2);
    const share = await idleShare(product.pid, restMs / 2);
    const rest = { memory: memoryBelow(product.pid), share };
    const setting = { date: new Date().toISOString(), cores: cpus().length, node: process.versions.node, load };
    process.stdout.write(
      isJson ? `${JSON.stringify({ setting, readings, rest }, null, 1)}\n` : reportOf(readings, rest, setting),
    );
  } finally {
    for (const session of sessions.slice(1)) await session[Symbol.asyncDispose]();
    await product[Symbol.asyncDispose]();
    clock.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run a second, by one session after the other, and now and then a listing. */
async function useFor(sessions: readonly OpenProduct[], ms: number): Promise<{ times: number[]; failed: number }> {
  const until = Date.now() + ms;
  const times: number[] = [];
  let failed = 0;
  for (let at = 0; Date.now() < until; at++) {
    const session = at % sessions.length;
    const code = programs[Math.floor(at / sessions.length) % programs.length]?.(session) ?? "";
    const startedAt = performance.now();
    await sessions[session]?.call("execute_mcp_code", { code }).catch((error: unknown) => {
      if (failed === 0) process.stderr.write(`· the first failure: ${String(error).slice(0, 500)}\n`);
      failed += 1;
    });
    times.push(performance.now() - startedAt);
    if (at % 5 === 0) await sessions[session]?.call("list_mcp_capabilities", { query: "what time is it" });
    await delay(Math.max(0, 1_000 - (performance.now() - startedAt)));
  }
  return { times, failed };
}

function rounded(memory: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(memory).map(([name, mib]) => [name, Math.round(mib)]));
}

function sumOf(memory: Record<string, number>): number {
  return Object.values(memory).reduce((sum, mib) => sum + mib, 0);
}

interface Rest {
  memory: Record<string, number>;
  /** Of one core. */
  share: number;
}

function reportOf(
  readings: readonly Minute[],
  rest: Rest,
  { date, cores, node, load }: { date: string; cores: number; node: string; load: number },
): string {
  const names = [...new Set(readings.flatMap(({ memory }) => Object.keys(memory)))];
  const shown = readings.filter((_, at) => at === 0 || at === readings.length - 1 || (at + 1) % 5 === 0);
  const cells = (memory: Record<string, number>) => [
    ...names.map((name) => String(Math.round(memory[name] ?? 0))),
    String(Math.round(sumOf(memory))),
  ];
  const lines = [
    ["minute", ...names, "all, MiB", "median of its runs, ms"],
    Array.from({ length: names.length + 3 }, () => "---"),
    ...shown.map((one) => [String(readings.indexOf(one) + 1), ...cells(one.memory), one.median.toFixed(1)]),
    ["after a rest", ...cells(rest.memory), ""],
  ];
  const failed = readings.reduce((sum, one) => sum + one.failed, 0);
  const runs = readings.reduce((sum, one) => sum + one.runs, 0);
  const first = readings[0]?.memory ?? {};
  const last = readings.at(-1)?.memory ?? {};
  const growth = [
    ...names.map((name) => [name, (last[name] ?? 0) / (first[name] ?? Number.NaN)] as const),
    ["all", sumOf(last) / sumOf(first)] as const,
  ];
  return `Measured on ${date.slice(0, 10)} on ${cores} cores with Node ${node}, load ${load.toFixed(1)} before.

${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}

${failed} of ${runs} runs failed. Last minute ÷ first: ${growth.map(([name, ratio]) => `${name} ${ratio.toFixed(2)} ×`).join(", ")}.
At rest: ${(rest.share * 100).toFixed(2)} % of a core.
`;
}

const options = readOptions(usage);
if (options?.help) process.stdout.write(usage);
else if (options)
  await bench({ minutes: options.quick ? 3 : 40, restMs: (options.quick ? 1 : 15) * 60_000, isJson: options.json });
