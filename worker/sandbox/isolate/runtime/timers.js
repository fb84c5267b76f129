/*
 * Timers are numbers, and whoever counts can clear one that is not its own. The ones started here are kept: the time limit
 * of a program is not the program's to end.
 */

import { apply, defineProperty, hasOwn, isSafeInteger, toNumber } from "./intrinsics.js";

const { setTimeout, clearTimeout } = globalThis;
const kept = { __proto__: null };

export function startTimer(callback, ms) {
  const timer = setTimeout(callback, ms);
  kept[toNumber(timer)] = true;
  return timer;
}

export const stopTimer = (timer) => clearTimeout(timer);

for (const name of ["clearTimeout", "clearInterval"]) {
  const clear = globalThis[name];
  const { [name]: guarded } = {
    [name](timer) {
      // Once: an object could be another number each time it is asked.
      const number = toNumber(timer);
      if (isSafeInteger(number) && !(number in kept)) apply(clear, globalThis, [number]);
    },
  };
  // The scope inherits them; what is inherited would still be there behind what is its own.
  for (let scope = globalThis; scope !== null; scope = Object.getPrototypeOf(scope)) {
    if (hasOwn(scope, name)) defineProperty(scope, name, { value: guarded });
  }
}
