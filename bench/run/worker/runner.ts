import type { Job, RunNotes } from "../job.ts";

/** A way to run programs. `prepare` is not measured; the function that it returns is. */
export interface Runner {
  prepare(job: Job): Promise<() => Promise<RunNotes>>;
}
