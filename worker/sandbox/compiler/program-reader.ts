import { z } from "zod";
import type { Clock } from "../../../core/clock.ts";
import { OrchestratorError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { type ProgramReader, Reading, type ReadRequest } from "../../../core/program/reader.ts";
import { createSemaphore } from "../../../core/semaphore.ts";
import { Exceeded } from "./exceeded.ts";
import { type Turn, takeTurn } from "./turns.ts";

/** The compiler's entrypoint, wherever it runs. */
export interface CompilerBinding {
  /** Resolves when programs can be read. */
  ready(): Promise<unknown>;
  read(request: ReadRequest): Promise<unknown>;
}

/** The process of its own in which the compiler runs. */
export interface CompilerProcess {
  /** Resolves when it runs, which it does only when it is needed. Rejects when it does not within `compilerStartMs`. */
  ensure(): Promise<void>;
  /** Kills it if it is frozen since then. Resolves when the next one runs. */
  replace(frozenSince: number): Promise<void>;
  /** How long it has computed since then, in milliseconds; undefined if nobody knows. */
  computedSince(since: number): Promise<number | undefined>;
  /** Why it ended after that time; undefined if it did not. */
  endingOf(since: number): Promise<string | undefined>;
}

interface ProgramReaderParts {
  binding: CompilerBinding;
  /** Undefined in a deployment, where the platform ends the compiler's isolate. */
  process: CompilerProcess | undefined;
  clock: Clock;
}

const Answer = z.union([Reading, Exceeded]);

/** A compiler that has answered within this time is not asked whether it is ready. */
const surelyWarmMs = 10_000;
/** Delay before a process that could not be reached is tried again. */
const reconnectMs = 100;
/** The longest time that the host takes to replace a process, for a turn that its session never ends. */
const replaceMs = 5_000;
/** How long the programs of a session wait behind those of others after one of them took too long, and before one was read at all. */
const penaltyMs = { suspect: 30_000, newcomer: 5_000, known: 0 };

/** When the compiler last answered. Of this Worker's process, like the turns. */
let answeredAt = Number.NEGATIVE_INFINITY;

/** Implements the program reader port with the service binding of the compiler, for one session. */
export function createProgramReader({ binding, process, clock }: ProgramReaderParts): ProgramReader {
  /** One program of a session at a time, so that no session has more than one in the queue of all sessions. */
  const ownTurns = createSemaphore(1);
  let tookTooLongAt = Number.NEGATIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  /** When the compiler was last asked. */
  let askedAt = Number.NEGATIVE_INFINITY;

  /**
   * However many sessions send what cannot be read, one at work waits for one of them at most. Types that are worked out for a schema can
   * take any time, whoever sends them.
   */
  function standing({ signature }: ReadRequest): keyof typeof penaltyMs {
    const now = clock.now();
    if (now - tookTooLongAt < suspectMs) return "suspect";
    if (signature?.input || signature?.output) return "newcomer";
    return now - readAt < knownMs ? "known" : "newcomer";
  }

  /** Resolves when the compiler answers: a process that is starting is not the program's fault. */
  async function becomeReady(turn: Turn): Promise<void> {
    turn.lastsAtMost(limits.compilerStartMs + replaceMs);
    const giveUpAt = clock.now() + limits.compilerStartMs;
    // The host ends a process that nobody has asked for in a while, so it is told of each program.
    await process?.ensure();
    if (clock.now() - answeredAt < surelyWarmMs) return;
    let cause: unknown;
    while (clock.now() < giveUpAt) {
      const askedAt = clock.now();
      const ready: RpcAnswer = binding.ready();
      const answer = await within(giveUpAt - askedAt, { clock, answer: ready });
      ready[Symbol.dispose]?.();
      if (answer.kind === "answered") {
        answeredAt = clock.now();
        return;
      }
      if (answer.kind === "silent") await process?.replace(askedAt);
      else cause = answer.cause;
      await new Promise<void>((resolve) => {
        clock.after(reconnectMs, resolve);
      });
    }
    throw unreachable(cause);
  }

  async function readOnce(request: ReadRequest, turn: Turn): Promise<Reading | Lost> {
    turn.lastsAtMost(limits.readMs + replaceMs);
    askedAt = clock.now();
    const reading: RpcAnswer = binding.read(request);
    using _reading = { [Symbol.dispose]: () => reading[Symbol.dispose]?.() };
    let answer = await within(limits.readMs, { clock, answer: reading });
    const wasIdle = answer.kind === "silent" && (await hasHardlyComputed(askedAt));
    if (wasIdle) {
      turn.lastsAtMost(limits.readMs + replaceMs);
      answer = await within(limits.readMs, { clock, answer: reading });
    }
    switch (answer.kind) {
      case "answered": {
        answeredAt = clock.now();
        const read = Answer.parse(answer.value);
        if (isDisposable(answer.value)) answer.value[Symbol.dispose]();
        if (read.kind !== "exceeded") return read;
        throw read.limit === "memory" ? tooLarge() : tooLong();
      }
      case "silent": {
        answeredAt = Number.NEGATIVE_INFINITY;
        const isIdle = wasIdle && (await hasHardlyComputed(askedAt));
        await process?.replace(askedAt);
        throw isIdle ? unreachable(undefined) : tooLong();
      }
      case "lost": {
        answeredAt = Number.NEGATIVE_INFINITY;
        // One that had ended before it was asked never saw the program.
        const hasEnded = (await process?.endingOf(askedAt)) !== undefined;
        return { kind: "lost", hasEnded, cause: answer.cause };
      }
    }
  }

  /** Then the machine was too busy, or stood still, which is no fault of the program. */
  async function hasHardlyComputed(since: number): Promise<boolean> {
    const computedMs = await process?.computedSince(since);
    return computedMs !== undefined && computedMs < hardlyMs;
  }

  /** A process that ends is not always the program's fault: it is read once more. */
  async function readInTurn(request: ReadRequest, turn: Turn): Promise<Reading> {
    const losses = { reading: 0, before: 0 };
    for (;;) {
      await becomeReady(turn);
      const read = await readOnce(request, turn);
      if (read.kind !== "lost") return read;
      const which = read.hasEnded ? "reading" : "before";
      if (losses[which] === lossesMax) throw read.hasEnded ? tooLarge(read.cause) : unreachable(read.cause);
      losses[which] += 1;
    }
  }

  return {
    async read(request, signal) {
      using _own = await ownTurns.acquire(signal);
      using turn = await takeTurn(clock, { penaltyMs: penaltyMs[standing(request)], signal });
      try {
        const reading = await readInTurn(request, turn);
        readAt = clock.now();
        return reading;
      } catch (error) {
        if (error instanceof OrchestratorError && error.code === "compile_limit") tookTooLongAt = clock.now();
        throw error;
      } finally {
        if (clock.now() - askedAt >= slowMs) {
          readAt = Number.NEGATIVE_INFINITY;
          turn.heldUp();
        }
      }
    },
  };
}

const lossesMax = 1;
/** A fifth of `readMs`, and several times what most programs need: in more, the program itself has used up its time. */
const hardlyMs = 1_000;
/** A session at work is one whose last program took less. After one that took more, sessions at work go first. */
const slowMs = 2_000;
/** How long a session is remembered for a program that could not be read. */
const suspectMs = 60_000;
/** And for one that could be read. */
const knownMs = 30 * 60_000;

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && Symbol.dispose in value;
}

interface Lost {
  kind: "lost";
  /** The process ended while it had the program. */
  hasEnded: boolean;
  cause: unknown;
}

type Waited = { kind: "answered"; value: unknown } | { kind: "silent" } | { kind: "lost"; cause: unknown };

/** An answer by RPC, which is disposed in any case: until then it keeps its session object in memory. */
type RpcAnswer = Promise<unknown> & Partial<Disposable>;

async function within(ms: number, { clock, answer }: { clock: Clock; answer: Promise<unknown> }): Promise<Waited> {
  const { promise: silence, resolve } = Promise.withResolvers<Waited>();
  const stop = clock.after(ms, () => resolve({ kind: "silent" }));
  const answered = answer.then(
    (value): Waited => ({ kind: "answered", value }),
    (cause: unknown): Waited => ({ kind: "lost", cause }),
  );
  return Promise.race([answered, silence]).finally(stop);
}

const simpler =
  "Nest less deeply, declare fewer names in one statement, use simpler types and regular expressions, and pass data through `args`.";

function tooLong(): OrchestratorError {
  return new OrchestratorError(
    "compile_limit",
    `The program is too complex to read within ${limits.readMs / 1_000} s. ${simpler}`,
  );
}

function tooLarge(cause?: unknown): OrchestratorError {
  return new OrchestratorError(
    "compile_limit",
    `The program is too complex to read within ${limits.compilerMemoryMiB} MiB of memory. ${simpler}`,
    { cause },
  );
}

function unreachable(cause: unknown): OrchestratorError {
  return new OrchestratorError(
    "server_unavailable",
    "The program could not be read, because the compiler does not answer. Nothing was called. Run it again; if that does not help, restart the orchestrator.",
    { phase: "load", cause },
  );
}
