import { z } from "zod";

/**
 * What runs a program. `nothing` answers at once; `unchecked1000` has 1,000 registered servers instead of 2; `audited` is `ours` with a
 * token that is verified and with the audit; `off` is `ours` without approvals, `ruled` with a rule for other tools than those that
 * are called, `standing` with one that exempts the called tool while others ask, and `exempt` with one that exempts all.
 */
export const Contender = z.enum([
  "nothing",
  "bare",
  "codemode",
  "durable",
  "unchecked",
  "ours",
  "audited",
  "off",
  "ruled",
  "standing",
  "exempt",
  "unchecked1000",
]);
export type Contender = z.infer<typeof Contender>;

/** One run. It is prepared by one request and started by another, and only the second is timed. */
export const Job = z.object({
  contender: Contender,
  code: z.string(),
  /** The calls that the code makes, for the bare load, which makes them in its own loop instead of running the code. */
  plan: z.object({ tool: z.string(), calls: z.number(), isParallel: z.boolean() }),
});
export type Job = z.infer<typeof Job>;
export type Plan = Job["plan"];

/** What a run reports about itself. */
export const RunNotes = z.object({
  /** Time to read the program with a type-check, by the Worker's clock, in whole milliseconds. */
  readMs: z.number().optional(),
});
export type RunNotes = z.infer<typeof RunNotes>;
