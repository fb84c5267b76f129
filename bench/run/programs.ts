import { readFile } from "node:fs/promises";
import type { Plan } from "./job.ts";

/** A program that every contender can run unchanged: an async arrow function that uses the clients as global names. */
export interface Scenario {
  title: string;
  plan: Plan;
  code: string;
  /** How often each contender runs it, both with new texts and with the same text. */
  rounds: number;
}

const tool = "get_issue";

export const scenarios: Record<"empty" | "oneCall" | "sequential" | "parallel" | "thousand", Scenario> = {
  empty: {
    title: "`return 1`",
    plan: { tool, calls: 0, isParallel: false },
    code: "async () => {\n  return 1;\n}",
    rounds: 100,
  },
  oneCall: {
    title: "1 call",
    plan: { tool, calls: 1, isParallel: false },
    code: "async () => {\n  return await tracker.get_issue({ id: 0 });\n}",
    rounds: 100,
  },
  sequential: {
    title: "50 calls in sequence",
    plan: { tool, calls: 50, isParallel: false },
    code: loopOf(50),
    rounds: 40,
  },
  parallel: {
    title: "50 calls at once",
    plan: { tool, calls: 50, isParallel: true },
    code: "async () => {\n  const ids = Array.from({ length: 50 }, (_, id) => id);\n  return (await Promise.all(ids.map((id) => tracker.get_issue({ id })))).length;\n}",
    rounds: 40,
  },
  thousand: {
    title: "1,000 calls in sequence",
    plan: { tool, calls: 1_000, isParallel: false },
    code: loopOf(1_000),
    rounds: 6,
  },
};

/** Stays open until its call is released. */
export const waitingProgram: Pick<Scenario, "plan" | "code"> = {
  plan: { tool: "watch_issue", calls: 1, isParallel: false },
  code: "async () => {\n  return await tracker.watch_issue({ id: 0 });\n}",
};

function loopOf(calls: number): string {
  return `async () => {\n  let last;\n  for (let id = 0; id < ${calls}; id++) last = await tracker.get_issue({ id });\n  return last;\n}`;
}

/** 30 lines of TypeScript that use both clients, for the type-check. */
export function readThirtyLines(): Promise<string> {
  return readFile(new URL("thirty-lines.txt", import.meta.url), "utf8");
}

/** `fresh`: a new program text in each round. `repeated`: the same text as in the previous round. */
export type Mode = "fresh" | "repeated";

/** The same program with a new text, made by a random comment in its first line. */
export function neverSeen(code: string): string {
  return `// ${crypto.randomUUID()}\n${code}`;
}
