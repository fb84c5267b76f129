import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import type { Reading, ReadRequest } from "../../../core/program/reader.ts";
import { readSources } from "../../../core/program/sources.ts";
import { type HardText, hardTexts, importing, known } from "../../attacks/texts.ts";

/*
 * Every part of the grammar, side by side and nested, is read where it can be ended: reading it gives a reading, or takes too long,
 * and never fails in any other way. What a session does with one that takes too long is in test/unit/sandbox/program-reader.test.ts.
 */

/** In computing time, which a busy machine does not use up. Short: most of these texts take milliseconds, and some take for ever. */
const readCpuMs = 400;
const startCpuMs = 30_000;
const pollMs = 20;

interface Answer {
  reading?: Reading;
  thrown?: string;
}

let thread: Worker | undefined;

afterAll(async () => {
  await thread?.terminate();
});

async function read(input: object): Promise<Answer | "took too long"> {
  const running = thread ?? (await startThread());
  thread = running;
  const answer = await answerOf(running, requestOf(input), readCpuMs);
  if (answer === "took too long") {
    thread = undefined;
    await running.terminate();
  }
  return answer;
}

/** A thread that has read a program already, so that loading the compiler takes no time of the first text. */
async function startThread(): Promise<Worker> {
  const started = new Worker(new URL("../../support/reading-thread.ts", import.meta.url), { execArgv: [] });
  await once(started, "online");
  await answerOf(started, requestOf({ code: "return 1;" }), startCpuMs);
  return started;
}

async function answerOf(worker: Worker, request: ReadRequest, withinMs: number): Promise<Answer | "took too long"> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  worker.once("message", resolve);
  worker.once("error", reject);
  const usedBefore = await cpuMsOf(worker);
  worker.postMessage(request);
  try {
    for (;;) {
      const answer = await Promise.race([promise, delay(pollMs)]);
      if (answer !== undefined) return answer;
      if ((await cpuMsOf(worker)) - usedBefore > withinMs) return "took too long";
    }
  } finally {
    worker.off("message", resolve);
    worker.off("error", reject);
  }
}

async function cpuMsOf(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1_000;
}

function requestOf(input: object): ReadRequest {
  const { entry, sources } = readSources({ language: "ts", ...input });
  return { entry, sources: Object.fromEntries(sources), language: "ts", allowed: [], registered: [], listings: [] };
}

/** What went wrong, if anything. */
function flawOf(answer: Answer | "took too long"): string | undefined {
  if (answer === "took too long" || answer.reading?.kind === "ready") return undefined;
  if (answer.reading?.kind !== "refused") return answer.thrown ?? "the reader needs something";
  const wrong = answer.reading.errors.find(({ code, message }) => code === "internal" || message === "");
  return wrong && JSON.stringify(wrong);
}

const programOf = (hard: HardText) => (hard.extension === "json" ? importing(hard) : { code: hard.text });

describe("a text that is hard to read", () => {
  const texts = hardTexts();

  test("is refused, read, or ended by a deadline, whatever part of the grammar it repeats", { timeout: 600_000 }, async () => {
    const flaws: string[] = [];
    for (const hard of texts) {
      const flaw = flawOf(await read(programOf(hard)));
      if (flaw !== undefined) flaws.push(`${hard.name}: ${flaw}`);
    }
    expect(flaws).toEqual([]);
  });

  test.each(known)("is one of those that once froze a session: $name", async (hard) => {
    expect(flawOf(await read(importing(hard)))).toBeUndefined();
    if (hard.extension === undefined) expect(flawOf(await read(programOf(hard)))).toBeUndefined();
  });
});
