/*
 * Stops a program that computes too long, where the platform does not. The compiled program calls `pass` at the start of every
 * function and of every loop iteration (see core/program/cpu-guard.ts).
 *
 * The time between two passes counts if both belong to one turn of the event loop. Time between turns does not count: the program
 * waits for tools or timers, or another program computes. On Cloudflare the clock does not advance while a program computes, so
 * nothing is counted there.
 */

import { apply, captureStackTrace, freeze, NativeError } from "./intrinsics.js";

const { now } = Date;
const { min } = Math;
const { set } = Reflect;
const { fill } = Int32Array.prototype;
const { setTimeout, clearTimeout, queueMicrotask } = globalThis;

/**
 * The number of counters that the places of a program share, a power of two. So large that a slow place rarely shares with a
 * fast one.
 */
const counters = 256;
/**
 * At most this many passes of one place between two clock reads. A read costs as much as ten passes, but one pass may be slow.
 */
const passesMax = 64;
/** After an interval of this length, the clock is read at the next pass. */
const slowMs = 8;
/**
 * At most this much counts of an interval in which the program yielded, if no new turn of the event loop was seen: another
 * program may have computed meanwhile.
 */
const yieldedMsMax = 50;

/**
 * @param {{ cpuMs: number, wallMs: number, deadline: () => number, isTraceless: boolean, onSpent: (spent: { isWall: boolean, stack: string }) => void }} budget
 * `wallMs` is the program's time, and `deadline` returns when that is over, in milliseconds since the epoch. One that is traceless can
 * wait only for its calls, so each of its turns begins with `woken`, and no timer need find out when one ends. `onSpent` is called once.
 * From then on every pass throws, whatever the program catches
 * @returns {{ pass: (number: number) => void, computedMs: () => number, woken: () => void, close: () => void }} to be called: `woken` after a new turn of
 * the event loop, and `close` when the program has ended; code of it that still runs is stopped at its next pass
 */
export function createGuard({ cpuMs, wallMs, deadline, isTraceless, onSpent }) {
  /** For each place: passes until the next clock read, and passes between two reads. */
  const left = new Int32Array(counters);
  const passes = new Int32Array(counters);
  let lastReadAt = 0;
  let computedMs = 0;
  let isNewTurn = true;
  let hasYielded = false;
  let isWatched = false;
  let turnTimer;
  let stopped;
  let isReported = false;
  let tries = 0;

  function pass(number) {
    const place = number & (counters - 1);
    left[place] -= 1;
    if (left[place] <= 0) readClock(place);
  }

  function readClock(place) {
    left[place] = 0;
    if (stopped !== undefined) refuse();
    const time = now();
    const elapsedMs = time - lastReadAt;
    if (isNewTurn) beginTurn();
    else computedMs += hasYielded && elapsedMs > yieldedMsMax ? yieldedMsMax : elapsedMs;
    lastReadAt = time;
    hasYielded = false;
    if (!isWatched) {
      isWatched = true;
      queueMicrotask(sawYield);
    }
    if (computedMs >= cpuMs || time >= deadline()) {
      stop(`The program has computed for ${computedMs} ms and was stopped.`);
      refuse();
    }
    const grown = passes[place] * 2;
    passes[place] = elapsedMs >= slowMs || grown === 0 ? 1 : min(grown, passesMax);
    left[place] = passes[place];
  }

  function beginTurn() {
    isNewTurn = false;
    if (!isTraceless) turnTimer = setTimeout(endTurn, 0);
  }

  function endTurn() {
    isNewTurn = true;
    readAtNextPass();
  }

  function sawYield() {
    isWatched = false;
    hasYielded = true;
  }

  function readAtNextPass() {
    apply(fill, left, [0]);
  }

  function stop(message) {
    stopped = freeze(new NativeError(message));
    readAtNextPass();
  }

  /** On a full call stack no stack trace can be taken. Then a later pass reports it. */
  function refuse() {
    if (!isReported) {
      tries += 1;
      const stack = stackAbove(pass);
      if (stack !== "" || tries >= triesMax) report(stack);
    }
    throw stopped;
  }

  function report(stack) {
    // At the deadline the program was computing. If the CPU budget is as long as the time limit and at least half of it is used,
    // the budget is reported as the cause, because on a busy machine some computing time is not counted.
    const isBudget = computedMs >= cpuMs || (cpuMs >= wallMs && computedMs >= cpuMs / 2);
    onSpent({ __proto__: null, isWall: !isBudget, stack });
    isReported = true;
  }

  return {
    pass,
    computedMs: () => computedMs,
    woken() {
      lastReadAt = now();
      hasYielded = false;
      if (!isTraceless) return;
      // What a turn computes after its last read is not counted, so each begins with reading often.
      apply(fill, passes, [0]);
      readAtNextPass();
    },
    close() {
      if (stopped !== undefined && !isReported) report("");
      isReported = true;
      clearTimeout(turnTimer);
      stop("The program has ended.");
    },
  };
}

/** Empty if the program has changed irrevocably how stack traces are made. */
function stackAbove(callee) {
  try {
    const { stackTraceLimit, prepareStackTrace } = NativeError;
    set(NativeError, "stackTraceLimit", framesMax);
    set(NativeError, "prepareStackTrace", undefined);
    const place = { __proto__: null };
    captureStackTrace(place, callee);
    const { stack } = place;
    set(NativeError, "stackTraceLimit", stackTraceLimit);
    set(NativeError, "prepareStackTrace", prepareStackTrace);
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  }
}

const framesMax = 20;
const triesMax = 1_000;
