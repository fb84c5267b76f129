/*
 * What our files in the isolate use of the language once a program runs, taken before it does: a program that replaces
 * built-ins changes what it sees itself and nothing of what we do.
 *
 * What cannot be taken is avoided instead. Our objects have no prototype, so that nothing is looked up in one that a program
 * has changed (a promise looks for `then`, JSON for `toJSON`); lists are walked by name, because `for…of` and spreading ask the
 * array's prototype.
 *
 * Nor does a promise that the program could meddle with carry anything that counts: `await` asks each for its constructor.
 * Making that one unchangeable would help and makes every await slower.
 */

export const { parse, stringify } = JSON;
export const { apply, defineProperty, setPrototypeOf } = Reflect;
export const { captureStackTrace } = Error;
export const { freeze, hasOwn, keys } = Object;
export const { isSafeInteger } = Number;
export const NativeError = Error;
export const NativePromise = Promise;
export const NativeProxy = Proxy;
export const toText = String;
export const toNumber = Number;

const { [Symbol.hasInstance]: hasInstance } = Function.prototype;
/** `value instanceof Error`, whatever the program has made of that. */
export const isError = (value) => apply(hasInstance, NativeError, [value]);

/** Data of ours without prototypes, however deep, so that JSON finds no `toJSON` and nothing that is missing is found. */
export function inert(value) {
  if (typeof value !== "object" || value === null) return value;
  setPrototypeOf(value, null);
  for (const key in value) inert(value[key]);
  return value;
}
