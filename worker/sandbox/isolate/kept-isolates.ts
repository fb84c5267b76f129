/*
 * Which programs this process has run, and which isolates it keeps for them. A program that its session runs again within some
 * minutes gets an isolate of its own, which runs it from then on. Loading costs most of a short run's time, and on Cloudflare each
 * isolate that is loaded without a name is billed as a Worker of its own.
 */

import type { Program } from "../../../core/program/program.ts";
import { keptLimits } from "./kept-limits.ts";
import { isolateText } from "./loader.ts";

interface Known {
  lastAt: number;
  /** Counts the isolates that were loaded for it. A name is not used for a second one. */
  generation: number;
  isolate: KeptIsolate | undefined;
  /** How often its isolate could not be used again. */
  failures: number;
}

interface KeptIsolate {
  runs: number;
  isBusy: boolean;
}

/** An isolate that is kept, for one run. */
export interface Taken {
  /** For the Loader. */
  name: string;
  /** It has returned a value. It finds out by itself whether it may run the program once more. */
  keep(): void;
  /** It is not used again. */
  drop(): void;
}

export class KeptIsolates {
  /** By key, the least recently run first. */
  readonly #known = new Map<string, Known>();
  /** Session → isolates that were loaded for it. Those that are no longer used take memory too. */
  readonly #loadedFor = new Map<string, number>();
  #loaded = 0;

  /** @returns undefined if the program is to run in a fresh isolate that nobody keeps */
  async take(program: Program, session: string): Promise<Taken | undefined> {
    if (!program.isTraceless) return undefined;
    const key = await keyOf(program, session);
    const entry = this.#noteRun(key);
    if (entry === undefined || entry.failures >= keptLimits.keptFailuresMax) return undefined;
    const isolate = entry.isolate ?? this.#loadFor(entry, session);
    if (isolate === undefined || isolate.isBusy) return undefined;
    isolate.isBusy = true;
    isolate.runs += 1;
    const forget = () => {
      if (entry.isolate === isolate) entry.isolate = undefined;
    };
    return {
      name: `${key}.${entry.generation}`,
      keep() {
        isolate.isBusy = false;
        // It has been used again, so what failed before was a single run.
        if (isolate.runs > 1) entry.failures = 0;
        if (isolate.runs >= keptLimits.keptRunsMax) forget();
      },
      drop() {
        entry.failures += 1;
        forget();
      },
    };
  }

  /** @returns what is known of the program; undefined if its session has not run it lately */
  #noteRun(key: string): Known | undefined {
    const now = Date.now();
    const before = this.#known.get(key);
    const entry = before ?? { lastAt: now, generation: 0, isolate: undefined, failures: 0 };
    const isRecent = before !== undefined && now - before.lastAt <= keptLimits.keptWithinMs;
    entry.lastAt = now;
    this.#known.delete(key);
    this.#known.set(key, entry);
    for (const [oldest] of this.#known) if (this.#known.size > keptLimits.programsKnownMax) this.#known.delete(oldest);
    return isRecent ? entry : undefined;
  }

  #loadFor(entry: Known, session: string): KeptIsolate | undefined {
    const ofSession = this.#loadedFor.get(session) ?? 0;
    if (this.#loaded >= keptLimits.keptIsolatesMax || ofSession >= keptLimits.keptIsolatesPerSession) return undefined;
    this.#loaded += 1;
    this.#loadedFor.set(session, ofSession + 1);
    entry.generation += 1;
    entry.isolate = { runs: 0, isBusy: false };
    return entry.isolate;
  }
}

/** All sessions that run programs in this process share its memory. */
export const keptHere = new KeptIsolates();

let digestOfIsolate: string | undefined;

/** Everything that an isolate consists of, and the session. On Cloudflare a name always means the same code. */
async function keyOf({ entry, links, modules }: Program, session: string): Promise<string> {
  digestOfIsolate ??= await digestOf(isolateText());
  return digestOf(JSON.stringify([session, digestOfIsolate, entry, links, modules]));
}

async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
