import { readFile } from "node:fs/promises";
import type { Plan } from "./job.ts";

/** A program that every contender understands as it stands: an async arrow function with the clients as names. */
export interface Scenario {
  title: string;
  plan: Plan;
  code: string;
  /** How often it is run with a new text, and how often with the same, by each contender. */
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
    title: "50 calls, one by one",
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
    title: "1,000 calls, one by one",
    plan: { tool, calls: 1_000, isParallel: false },
    code: loopOf(1_000),
    rounds: 6,
  },
};

/** Stays open until its call is let go. */
export const waitingProgram: Pick<Scenario, "plan" | "code"> = {
  plan: { tool: "watch_issue", calls: 1, isParallel: false },
  code: "async () => {\n  return await tracker.watch_issue({ id: 0 });\n}",
};

function loopOf(calls: number): string {
  return `async () => {\n  let last;\n  for (let id = 0; id < ${calls}; id++) last = await tracker.get_issue({ id });\n  return last;\n}`;
}

/** 30 lines of TypeScript over both clients, for the type-check. */
export function readThirtyLines(): Promise<string> {
  return readFile(new URL("thirty-lines.txt", import.meta.url), "utf8");
}

/** The same program as a text never seen before: a comment in front makes it one. */
export function neverSeen(code: string): string {
  return `// ${crypto.randomUUID()}\n${code}`;
}
