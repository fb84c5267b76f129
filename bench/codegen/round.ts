import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Tool } from "../../core/mcp/tool.ts";
import { type WorkName, works } from "./works.ts";

/*
 * node bench/codegen/round.ts <work> <file of tools>
 *
 * One process of the bench: does the work once as its first action, then repeatedly. Prints a `Round` as JSON.
 */

const Sample = z.object({ wallMs: z.number(), cpuMs: z.number() });
export const Round = z.object({ cold: Sample, warm: z.array(Sample), chars: z.number() });
export type Sample = z.infer<typeof Sample>;
export type Round = z.infer<typeof Round>;

/** Enough for V8 to have optimised the code. */
const warmUps = 20;
const warmRounds = 15;

const [work, file] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename && isWork(work) && file !== undefined) {
  const make = await works[work].prepare();
  const text = readFileSync(file, "utf8");
  // New objects each time, as in a listing that was just read, so that caches by object identity do not help.
  const read = (): Tool[] => JSON.parse(text);
  let chars = 0;
  const once = (): Sample => {
    const tools = read();
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    chars = make(tools).length;
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs, cpuMs: (user + system) / 1_000 };
  };
  const cold = once();
  for (let index = 0; index < warmUps; index++) once();
  const warm = Array.from({ length: warmRounds }, once);
  process.stdout.write(`${JSON.stringify({ cold, warm, chars } satisfies Round)}\n`);
}

function isWork(name: string | undefined): name is WorkName {
  return name !== undefined && Object.hasOwn(works, name);
}
