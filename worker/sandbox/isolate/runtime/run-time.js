/*
 * When the program's time is up, as far as the isolate knows. The session owns the run's clock, which stands still while a person
 * is being asked something; that only happens during a call. So the session is asked after every call that took long enough
 * for it, and again before the program is ended.
 */

import { askHeldMs } from "./shim.js";

const { now } = Date;
const { isFinite: isFiniteNumber } = Number;

/** @param {number} timeoutMs the program's time, from now on */
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
    /** Resolves when the session's clock does not stand still, and the deadline is that clock's. */
    refresh: () => askHeldMs(setHeld),
  };
}
