import { z } from "zod";

/** Who runs a program. `nothing` answers at once; `unchecked1000` has 1,000 registered servers instead of 2. */
export const Contender = z.enum(["nothing", "bare", "codemode", "durable", "unchecked", "ours", "unchecked1000"]);
export type Contender = z.infer<typeof Contender>;

/** One run. It is prepared first, then started by a request of its own, which is what is timed. */
export const Job = z.object({
  contender: Contender,
  code: z.string(),
  /** What the code comes to, for the bare load, which runs a loop of its own instead. */
  plan: z.object({ tool: z.string(), calls: z.number(), isParallel: z.boolean() }),
});
export type Job = z.infer<typeof Job>;
export type Plan = Job["plan"];

/** What a run says of itself. */
export const RunNotes = z.object({
  /** The type-check, where there is one, by the Worker's clock: whole milliseconds. */
  typeCheckMs: z.number().optional(),
});
export type RunNotes = z.infer<typeof RunNotes>;
