/*
 * The deadline of the program, as far as the isolate knows it. The session owns the run's clock, which is paused while a person
 * is asked. That happens only during a call, so the session is asked for the paused time after every long call, and again before
 * the program is ended.
 */

import { askHeldMs } from "./shim.js";

const { now } = Date;
const { isFinite: isFiniteNumber } = Number;

/** @param {number} timeoutMs the time limit of the program, counted from now */
export function createRunTime(timeoutMs) {
  const startedAt = now();
  let heldMs = 0;
  const deadline = () => startedAt + timeoutMs + heldMs;
  const setHeld = (ms) => {
    if (isFiniteNumber(ms)) heldMs = ms;
  };
  return {
    __proto__: null,
    /** Milliseconds since the epoch. */
    deadline,
    leftMs: () => deadline() - now(),
    /** Adjusts the deadline to the session's clock. Resolves when that clock is running. */
    refresh: () => askHeldMs(setHeld),
  };
}
