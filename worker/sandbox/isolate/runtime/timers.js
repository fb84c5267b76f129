/*
 * Timer ids are numbers that a program can guess. The guarded `clearTimeout` and `clearInterval` ignore the timers that were
 * started here, so that a program cannot clear its own time limit.
 */

import { apply, defineProperty, hasOwn, isSafeInteger, toNumber } from "./intrinsics.js";

const { setTimeout, clearTimeout } = globalThis;
const protectedTimers = { __proto__: null };

export function startTimer(callback, ms) {
  const timer = setTimeout(callback, ms);
  protectedTimers[toNumber(timer)] = true;
  return timer;
}

export const stopTimer = (timer) => clearTimeout(timer);

for (const name of ["clearTimeout", "clearInterval"]) {
  const clear = globalThis[name];
  const { [name]: guarded } = {
    [name](timer) {
      // Converted only once, because an object could return another number each time.
      const number = toNumber(timer);
      if (isSafeInteger(number) && !(number in protectedTimers)) apply(clear, globalThis, [number]);
    },
  };
  // The global object inherits them. Each prototype is changed too, or the originals would stay reachable there.
  for (let scope = globalThis; scope !== null; scope = Object.getPrototypeOf(scope)) {
    if (hasOwn(scope, name)) defineProperty(scope, name, { value: guarded });
  }
}
