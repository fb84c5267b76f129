import { startProduct } from "../tokens/product.ts";
import { runProgram } from "./programs.ts";
import { type Rounds, takeRounds } from "./rounds.ts";
import { waitingServer } from "./starts.ts";

interface MeasureOptions {
  folder: string;
  times: (rounds: number) => Rounds;
  onStep: (title: string) => void;
}

/** A program that calls one server that does not run yet, and one that calls ten. Measured from end to end with a real `npm start`. */
export async function measureColdPrograms({ folder, times, onStep }: MeasureOptions) {
  onStep("a program that starts ten servers");
  const { rounds } = times(3);
  const setsOf = (kind: string, count: number) =>
    Array.from({ length: rounds }, (_, round) => Array.from({ length: count }, (_, at) => `${kind}_${round}_${at}`));
  const [ones, tens] = [setsOf("one", 1), setsOf("ten", 10)];
  // Opt-in, so that they are not started before a program names them.
  const entries = [...ones, ...tens].flat().map((id) => ({ ...waitingServer(id), visibility: "opt_in" }));
  await using product = await startProduct(entries, folder);
  const callNext = async (sets: string[][]): Promise<void> => {
    const ids = sets.pop() ?? [];
    const calls = ids.map((id) => `${id}.pid({})`);
    const code = `import { ${ids.join(", ")} } from "mcp-clients"; return await Promise.all([${calls.join(", ")}]);`;
    await runProgram(product.call, code, { allowedMcpIds: ids });
  };
  return await takeRounds({ one: () => callNext(ones), ten: () => callNext(tens) }, { rounds, warmUps: 0 });
}
