import { savedLimits } from "../../core/saved/saved-limits.ts";
import { startProduct } from "../tokens/product.ts";
import { everythingProgram } from "./everything.ts";
import { chain, runProgram, runSame } from "./programs.ts";
import { type Rounds, takeRounds } from "./rounds.ts";

interface MeasureOptions {
  folder: string;
  times: (rounds: number) => Rounds;
  onStep: (title: string) => void;
}

export const callsOfSaved = 20;

/**
 * The same program sent as it is and called as a saved one, each for at least the second time; and a program that calls no saved one, with
 * few of them there and with as many as there can be. Measured from end to end with a real `npm start`.
 */
export async function measureSavedPrograms({ folder, times, onStep }: MeasureOptions) {
  onStep("a saved program, and the same one sent as it is");
  const mcp = { transport: "stdio", command: process.execPath, args: [everythingProgram] };
  const limits = { callsPerMinute: 1_000_000 };
  // As in most registries, a person is asked about some calls, of another server.
  const asked = { id: "asked", title: "asked", summary: "server-everything.", mcp, tools: { ask: ["echo"] } };
  const pipe = { id: "pipe", title: "pipe", summary: "server-everything.", mcp, limits };
  await using product = await startProduct([pipe, asked], folder);
  const [nothing, one, many] = ["return 1;", chain("pipe", 1), chain("pipe", callsOfSaved)];
  const save = async (programs: Record<string, string>, { call } = product) =>
    void (await runProgram(
      call,
      `for (const [name, code] of Object.entries(${JSON.stringify(programs)})) await dynamic.tool_create({ name, code, description: "Of the bench." });`,
    ));
  const run =
    (code: string, { call } = product) =>
    async () =>
      void (await runSame(call, code));
  await save({ nothing, one, many });
  const calls = await takeRounds(
    {
      nothing: run(nothing),
      savedNothing: run("return await saved.nothing({});"),
      one: run(one),
      savedOne: run("return await saved.one({});"),
      many: run(many),
      savedMany: run("return await saved.many({});"),
    },
    times(60),
  );
  onStep(`${savedLimits.toolsMax} saved programs`);
  // In a product of their own, in turns with the first: what creating them leaves behind is no part of a run.
  await using full = await startProduct([pipe, asked], folder);
  const names = Array.from({ length: savedLimits.toolsMax }, (_, at) => `filler_${at}`);
  for (let at = 0; at < names.length; at += creationsOfRun) {
    await save(Object.fromEntries(names.slice(at, at + creationsOfRun).map((name) => [name, `return "${name}";`])), full);
  }
  await takeRounds({ unrelated: run(one, full) }, times(60));
  const { few, most } = await takeRounds({ few: run(one), most: run(one, full) }, times(60));
  return { calls, fewSaved: few, mostSaved: most };
}

export type SavedPrograms = Awaited<ReturnType<typeof measureSavedPrograms>>;

/** A run may make a hundred calls of `dynamic`. */
const creationsOfRun = 90;
