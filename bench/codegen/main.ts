import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { bigServer } from "../../test/support/big-server.ts";
import { installCodemode } from "../run/packages.ts";
import { Round, type Sample } from "./round.ts";
import { type WorkName, works } from "./works.ts";

const usage = `Usage: npm run bench:codegen -- [--processes <n>] [--json]

Measures how long code generation takes for a server with 344 tools and 2 MB of schemas: cold, as the first work of a new process,
and warm. Takes about a minute. Run nothing else at the same time.

  --processes <n>   new processes per row (default: 8)
  --json            print the samples as JSON instead of the table
  --help            print this text
`;

const server = { tools: 344, bytes: 2_000_000 };

const { values } = parseArgs({
  options: {
    processes: { type: "string", default: "8" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await bench({ processes: Math.max(1, Math.trunc(Number(values.processes)) || 1) });

async function bench({ processes }: { processes: number }): Promise<void> {
  // Progress goes to stderr, so that stdout holds only the table.
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  const codemode = await installCodemode(onStep);
  const folder = await mkdtemp(join(tmpdir(), "bench-codegen-"));
  try {
    const file = join(folder, "tools.json");
    await writeFile(file, JSON.stringify(bigServer(server)));
    const rounds = new Map<WorkName, Round[]>();
    const [loadBefore = 0] = loadavg();
    for (let index = 0; index < processes; index++) {
      onStep(`process ${index + 1} of ${processes} for each row`);
      for (const work of names()) rounds.set(work, [...(rounds.get(work) ?? []), await runRound(work, file)]);
    }
    const setting = {
      date: new Date().toISOString(),
      processes,
      codemode,
      node: process.versions.node,
      loadBefore,
      cpu: cpus()[0]?.model,
    };
    process.stdout.write(
      values.json ? `${JSON.stringify({ setting, rounds: Object.fromEntries(rounds) })}\n` : reportOf(rounds, setting),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runRound(work: WorkName, file: string): Promise<Round> {
  const script = fileURLToPath(new URL("round.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, work, file]);
  return Round.parse(JSON.parse(stdout));
}

function names(): WorkName[] {
  return Object.keys(works).filter((name): name is WorkName => Object.hasOwn(works, name));
}

interface Setting {
  date: string;
  processes: number;
  codemode: string;
  node: string;
  loadBefore: number;
}

function reportOf(rounds: ReadonlyMap<WorkName, Round[]>, { date, processes, codemode, node, loadBefore }: Setting): string {
  const summaries = new Map([...rounds].map(([work, all]) => [work, summaryOf(all)]));
  const rows = [...summaries].map(([work, { cold, warm, chars }]) => [
    works[work].title,
    spread(cold),
    spread(warm),
    kilo(chars),
  ]);
  const [ours, theirs] = [summaries.get("declaration"), summaries.get("codemode")];
  const ratio = (of: "cold" | "warm") => (ours && theirs ? (ours[of].wall.best / theirs[of].wall.best).toFixed(1) : "?");
  const head = ["344 tools, 2 MB", "cold", "warm", "characters"];
  return `${[head, head.map(() => "---"), ...rows].map((line) => `| ${line.join(" | ")} |`).join("\n")}

Best and median wall time and the processor time of the best, of ${processes} new processes each; ${date.slice(0, 10)}, Node ${node}, codemode ${codemode}, load ${loadBefore.toFixed(1)}
before. Our whole declaration takes ${ratio("cold")} times as long as codemode's types cold, and ${ratio("warm")} times warm: it declares repeated types once, gives each
tool a distinct name, resolves recursive schemas, and states defaults and ranges. Nothing is generated for a program that does not import the server.
`;
}

interface Figures {
  wall: { best: number; median: number };
  /** Processor time of the best, over all threads. */
  cpuMs: number;
}

function summaryOf(rounds: readonly Round[]): { cold: Figures; warm: Figures; chars: number } {
  return {
    cold: figuresOf(rounds.map(({ cold }) => cold)),
    warm: figuresOf(rounds.flatMap(({ warm }) => warm)),
    chars: rounds[0]?.chars ?? 0,
  };
}

function figuresOf(samples: readonly Sample[]): Figures {
  const sorted = samples.toSorted((a, b) => a.wallMs - b.wallMs);
  const [best] = sorted;
  const median = sorted[Math.floor(sorted.length / 2)];
  return { wall: { best: best?.wallMs ?? Number.NaN, median: median?.wallMs ?? Number.NaN }, cpuMs: best?.cpuMs ?? Number.NaN };
}

function spread({ wall, cpuMs }: Figures): string {
  return `${ms(wall.best)} / ${ms(wall.median)} ms (${ms(cpuMs)} ms CPU)`;
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

function kilo(chars: number): string {
  return `${Math.round(chars / 1_000)} k`;
}
