import type { Contender } from "./job.ts";
import { bytesOfCompiler, bytesPerOpenRun } from "./memory.ts";
import { measurePairedCost, type PairedCost } from "./paired-cost.ts";
import { BenchProcess, type WorkerBundle } from "./process.ts";
import { type Mode, neverSeen, readThirtyLines, scenarios } from "./programs.ts";
import { runRounds, type Samples } from "./rounds.ts";
import { type Summary, summarize } from "./statistics.ts";

/** The contenders, in the order of the table's columns. */
export const compared = ["bare", "codemode", "durable", "unchecked", "ours"] as const;
export type Compared = (typeof compared)[number];

/** Those that load isolates differently. `ours` is left out, because a type-check adds no memory to an open run. */
const loading = ["bare", "codemode", "durable", "unchecked"] as const;
type Loading = (typeof loading)[number];

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

/** What approvals cost where nobody is asked. */
export const approvalsCompared = {
  on: { title: "approvals on, no rule, relative to off", contenders: ["off", "ours"] },
  ruled: { title: "a rule for other tools of its server, relative to none", contenders: ["ours", "ruled"] },
  standing: { title: "a standing rule for its tool, and others that ask, relative to none", contenders: ["ours", "standing"] },
  exempt: { title: "a standing rule for every tool, relative to none", contenders: ["ours", "exempt"] },
} as const;
type ApprovalsName = keyof typeof approvalsCompared;
export const approvalsNames = Object.keys(approvalsCompared) as ApprovalsName[];

/** Times in milliseconds, minus that of an empty request; memory in bytes. */
export interface Measurements {
  emptyRequest: Summary;
  runs: Record<Mode, Record<ScenarioName, Record<Compared, Summary>>>;
  reading: Record<Mode, Summary>;
  /** A run of one call with 2 and with 1,000 registered servers. */
  registered: { two: Summary; thousand: Summary };
  /** A run of one call without and with a verified token and the audit. */
  audit: Record<Mode, PairedCost>;
  /** A run of one call without and with each of these. */
  approvals: Record<ApprovalsName, Record<Mode, PairedCost>>;
  bytesPerOpenRun: Record<Loading, Summary>;
  /** Memory of the compiler, which is needed once. */
  bytesOfCompiler: Summary;
  /** Every sample. */
  raw: { what: string; samples: Record<string, number[]> }[];
}

interface MeasureOptions {
  worker: WorkerBundle;
  /** The share of the rounds that is run: 1 for the whole bench, less for a rough estimate. */
  share: number;
  onStep: (title: string) => void;
}

export async function measure({ worker, share, onStep }: MeasureOptions): Promise<Measurements> {
  const raw: Measurements["raw"] = [];
  const keep = (what: string, samples: Record<string, number[]>) => void raw.push({ what, samples });
  const times = (rounds: number) => Math.max(3, Math.round(rounds * share));
  const timed = await measureTimes(worker, { times, keep, onStep });

  onStep("memory");
  const takeBytes = async (what: string, takeOne: () => Promise<number>): Promise<Summary> => {
    const bytes: number[] = [];
    for (let process = 0; process < 3; process++) bytes.push(await takeOne());
    keep(what, { bytes });
    return summarize(bytes);
  };
  return {
    ...timed,
    bytesPerOpenRun: await recordInTurn(loading, (contender) =>
      takeBytes(`bytes per open run, ${contender}`, () => bytesPerOpenRun(worker, contender)),
    ),
    bytesOfCompiler: await takeBytes("bytes of the compiler", () => bytesOfCompiler(worker)),
    raw,
  };
}

interface Steps {
  times: (rounds: number) => number;
  keep: (what: string, samples: Record<string, number[]>) => void;
  onStep: (title: string) => void;
}

/** All time measurements, in one process. */
async function measureTimes(
  worker: WorkerBundle,
  { times, keep, onStep }: Steps,
): Promise<Omit<Measurements, "bytesPerOpenRun" | "bytesOfCompiler" | "raw">> {
  const emptyRequests: number[] = [];
  await using bench = await BenchProcess.start(worker);

  async function take(what: string, options: Omit<Parameters<typeof runRounds>[1], "warmUps">): Promise<Samples> {
    onStep(what);
    const samples = await runRounds(bench, { ...options, warmUps: Math.ceil(options.rounds / 5) });
    keep(what, Object.fromEntries([...samples].map(([name, all]) => [name, all.map(({ ms }) => ms)])));
    emptyRequests.push(...(samples.get("nothing") ?? []).map(({ ms }) => ms));
    return samples;
  }

  async function takeScenario(name: ScenarioName, mode: Mode): Promise<Record<Compared, Summary>> {
    const { title, plan, code, rounds } = scenarios[name];
    const program = { plan, code: mode === "fresh" ? () => neverSeen(code) : () => code };
    const samples = await take(`${title}, ${mode}`, { contenders: ["nothing", ...compared], program, rounds: times(rounds) });
    return record(compared, (contender) => above(samples, contender));
  }

  const fresh = await recordInTurn(scenarioNames, (name) => takeScenario(name, "fresh"));
  const repeated = await recordInTurn(scenarioNames, (name) => takeScenario(name, "repeated"));

  const { plan, code } = scenarios.oneCall;
  const sessions = await take("2 and 1,000 registered servers", {
    contenders: ["nothing", "unchecked", "unchecked1000"],
    program: { plan, code: () => neverSeen(code) },
    rounds: times(150),
  });

  const audit = await recordInTurn(["fresh", "repeated"], (mode) => {
    onStep(`one call, without and with identity and audit, ${mode}`);
    // Until the records of the last run have arrived at the trail.
    return measurePairedCost(bench, { contenders: ["ours", "audited"], mode, pairs: times(12), settleMs: 1_300 });
  });
  const approvals = await recordInTurn(approvalsNames, (name) =>
    recordInTurn(["fresh", "repeated"], (mode) => {
      const { title, contenders } = approvalsCompared[name];
      onStep(`one call, ${title}, ${mode}`);
      return measurePairedCost(bench, { contenders, mode, pairs: times(12), settleMs: 300 });
    }),
  );

  const thirtyLines = await readThirtyLines();
  const takeReading = async (mode: Mode): Promise<Summary> => {
    const program = { plan, code: mode === "fresh" ? () => neverSeen(thirtyLines) : () => thirtyLines };
    const samples = await take(`reading, ${mode}`, { contenders: ["ours"], program, rounds: times(60) });
    const readings = samplesOf(samples, "ours").map(({ readMs }) => readMs ?? Number.NaN);
    keep(`reading alone, ${mode}`, { ours: readings });
    return summarize(readings);
  };
  const reading = { fresh: await takeReading("fresh"), repeated: await takeReading("repeated") };

  return {
    emptyRequest: summarize(emptyRequests),
    runs: { fresh, repeated },
    reading,
    audit,
    approvals,
    registered: { two: above(sessions, "unchecked"), thousand: above(sessions, "unchecked1000") },
  };
}

/** A contender's times minus the median of empty requests in the same rounds. */
function above(samples: Samples, contender: Contender): Summary {
  const nothing = summarize(samplesOf(samples, "nothing").map(({ ms }) => ms)).median;
  return summarize(samplesOf(samples, contender).map(({ ms }) => ms - nothing));
}

function samplesOf(samples: Samples, contender: Contender) {
  const found = samples.get(contender);
  if (found === undefined) throw new Error(`${contender} was not measured`);
  return found;
}

function record<K extends string, V>(keys: readonly K[], make: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, V>;
}

/** One after the other, because two at once would slow each other down. */
async function recordInTurn<K extends string, V>(keys: readonly K[], make: (key: K) => Promise<V>): Promise<Record<K, V>> {
  const values = new Map<K, V>();
  for (const key of keys) values.set(key, await make(key));
  return Object.fromEntries(values) as Record<K, V>;
}
