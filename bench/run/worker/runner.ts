import type { Job, RunNotes } from "../job.ts";

/** A way to run programs. What `prepare` does is not measured, what it returns is. */
export interface Runner {
  prepare(job: Job): Promise<() => Promise<RunNotes>>;
}
