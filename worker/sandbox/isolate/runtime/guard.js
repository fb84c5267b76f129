/*
 * Stops a program that computes too long, where the platform does not. The compiled program calls `pass` at the start of every
 * function and of every turn of a loop (see core/program/cpu-guard.ts).
 *
 * What is counted is the time between passes that belong to one turn of the event loop. What lies between turns is waiting,
 * for tools or timers, and may be another program's computing. Where the clock stands still while a program computes, as it
 * does in production, nothing is ever counted.
 */

import { captureStackTrace, freeze, NativeError } from "./intrinsics.js";

const { now } = Date;
const { min } = Math;
const { set } = Reflect;
const { setTimeout, clearTimeout, queueMicrotask } = globalThis;

/** Places of a program share this many counters, a power of two: one that is slow is hardly ever hidden by one that is quick. */
const counters = 256;
/** Passes of one place between two looks at the clock, at most: a look costs as much as ten passes, and one pass may be slow. */
const passesMax = 64;
/** A stretch between two looks that makes the next look come at once. */
const slowMs = 8;
/**
 * The most that is counted of a stretch in which the program gave way, without the event loop having gone round as far as is
 * known: another program may have computed in it.
 */
const yieldedMsMax = 50;

/**
 * @param {{ cpuMs: number, wallMs: number, deadline: () => number, onSpent: (spent: { isWall: boolean, stack: string }) => void }} budget
 * `wallMs` is the program's time and `deadline` when it is up, in milliseconds since the epoch. `onSpent` is called once; from then
 * on every pass throws, whatever the program catches
 * @returns {{ pass: (number: number) => void, woken: () => void, close: () => void }} `woken` says that the event loop went round,
 * `close` that the program has ended: what is left of it is stopped at its next pass
 */
export function createGuard({ cpuMs, wallMs, deadline, onSpent }) {
  /** Passes until the next look, and between looks, for each place. */
  const left = new Int32Array(counters);
  const passes = new Int32Array(counters);
  let lastLook = 0;
  let computedMs = 0;
  let isNewTurn = true;
  let hasYielded = false;
  let isWatched = false;
  let turnTimer;
  let stopped;
  let isTold = false;
  let tries = 0;

  function pass(number) {
    const place = number & (counters - 1);
    left[place] -= 1;
    if (left[place] <= 0) look(place);
  }

  function look(place) {
    left[place] = 0;
    if (stopped !== undefined) refuse();
    const time = now();
    const elapsedMs = time - lastLook;
    if (isNewTurn) beginTurn();
    else computedMs += hasYielded && elapsedMs > yieldedMsMax ? yieldedMsMax : elapsedMs;
    lastLook = time;
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
    turnTimer = setTimeout(endTurn, 0);
  }

  function endTurn() {
    isNewTurn = true;
    lookSoon();
  }

  function sawYield() {
    isWatched = false;
    hasYielded = true;
  }

  function lookSoon() {
    for (let place = 0; place < counters; place++) left[place] = 0;
  }

  function stop(message) {
    stopped = freeze(new NativeError(message));
    lookSoon();
  }

  /** Where a program has filled the stack, there is no room to see where it is: then one of the next passes tells. */
  function refuse() {
    if (!isTold) {
      tries += 1;
      const stack = stackAbove(pass);
      if (stack !== "" || tries >= triesMax) tell(stack);
    }
    throw stopped;
  }

  function tell(stack) {
    // Seen here, the deadline came while the program computed. If the budget is as long and half of it is known to be used,
    // computing is what took the time: on a busy machine some of it stays uncounted.
    const isBudget = computedMs >= cpuMs || (cpuMs >= wallMs && computedMs >= cpuMs / 2);
    onSpent({ __proto__: null, isWall: !isBudget, stack });
    isTold = true;
  }

  return {
    pass,
    woken() {
      lastLook = now();
      hasYielded = false;
    },
    close() {
      if (stopped !== undefined && !isTold) tell("");
      isTold = true;
      clearTimeout(turnTimer);
      stop("The program has ended.");
    },
  };
}

/** A program may have changed how stacks are made, for good; where it is then is not known. */
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
