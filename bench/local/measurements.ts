import { setTimeout as delay } from "node:timers/promises";
import { takeRounds } from "../upstream/rounds.ts";
import type { Executor } from "./executor.ts";
import { idleShare, type Usage, usageBelow } from "./processes.ts";
import type { Product } from "./product.ts";

export interface MeasureOptions {
  /** Name → a running product; the first is this checkout. */
  products: ReadonlyMap<string, Product>;
  executor: Executor | undefined;
  rounds: number;
  idleMs: number;
  onStep: (title: string) => void;
}

/** Milliseconds, median of the rounds, per contender; and for each product what it takes. */
export interface Measured {
  times: Record<string, Record<string, number>>;
  usage: Record<string, Usage & { idleShare: number }>;
}

const callsInTurn = 500;
const runsAtOnce = 100;
let written = 0;

/** A program whose text nobody has seen. */
const fresh = (code: string) => `${code}\n// ${++written}`;

const typed = `import { pipe } from "mcp-clients";
interface Row { at: number; text: string }
const rows: Row[] = [];
for (let at = 0; at < 3; at++) rows.push({ at, text: String(await pipe.echo({ message: "message " + at })) });
return rows.length;`;

export async function measure({ products, executor, rounds, idleMs, onStep }: MeasureOptions): Promise<Measured> {
  const usage: Measured["usage"] = {};
  onStep("twenty typed programs each, and a rest");
  for (const product of products.values()) for (let at = 0; at < 20; at++) await product.run(fresh(typed));
  await delay(5_000);
  for (const [name, product] of products)
    usage[name] = { ...usageBelow(product.pid), idleShare: await idleShare(product.pid, idleMs) };

  const times: Measured["times"] = {};
  for (const [title, contest] of Object.entries(contests)) {
    onStep(title);
    const contenders = Object.fromEntries([...products].map(([name, product]) => [name, () => contest(product)]));
    const peer = peerContests[title];
    if (executor && peer) contenders.executor = () => peer(executor);
    const taken = await takeRounds(contenders, { rounds, warmUps: 2 });
    times[title] = Object.fromEntries(Object.entries(taken).map(([name, { median }]) => [name, median]));
  }
  return { times, usage };
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

const repeated = "return 1; // the same each time";

const contests: Record<string, (product: Product) => Promise<number>> = {
  list: (product) => timed(() => product.list()),
  "fresh `return 1`": (product) => timed(() => product.run(fresh("return 1;"))),
  "`return 1` again": (product) => timed(() => product.run(repeated)),
  "fresh, one stdio call": (product) => timed(() => product.run(fresh(`return await pipe.echo({ message: "one" });`))),
  "each of 500 calls in turn": async (product) =>
    (await timed(() =>
      product.run(
        fresh(
          `let text; for (let at = 0; at < ${callsInTurn}; at++) text = await pipe.echo({ message: "m" + at }); return text;`,
        ),
      ),
    )) / callsInTurn,
  "each of 500 calls at once": async (product) =>
    (await timed(() =>
      product.run(
        fresh(
          `return (await Promise.all(Array.from({ length: ${callsInTurn} }, (_, at) => pipe.echo({ message: "m" + at })))).length;`,
        ),
      ),
    )) / callsInTurn,
  "each of 100 runs at once": async (product) =>
    (await timed(() => Promise.all(Array.from({ length: runsAtOnce }, () => product.run(fresh("return 1;")))))) / runsAtOnce,
};

const peerContests: Record<string, (executor: Executor) => Promise<number>> = {
  "fresh `return 1`": (executor) => timed(() => executor.run(fresh("return 1;"))),
  "`return 1` again": (executor) => timed(() => executor.run(repeated)),
};
