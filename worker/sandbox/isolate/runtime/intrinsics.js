/*
 * The built-ins that the runtime uses while a program runs, captured before it starts. A program that replaces built-ins changes
 * only its own view of them.
 *
 * Some look-ups cannot be captured and are avoided instead. Objects of the runtime have no prototype, because the program could
 * add `then` or `toJSON` to one. Lists are iterated by index, because `for…of` and spread use the array's prototype.
 *
 * No promise that the program can manipulate carries data that matters, because `await` reads the promise's `constructor`. Making
 * that property read-only would help too, but would slow every await down.
 */

export const { parse, stringify } = JSON;
export const { apply, defineProperty, setPrototypeOf } = Reflect;
export const { captureStackTrace } = Error;
export const { freeze, hasOwn, keys } = Object;
export const { isSafeInteger } = Number;
export const NativeError = Error;
export const NativeTypeError = TypeError;
export const NativePromise = Promise;
export const NativeProxy = Proxy;
export const toText = String;
export const toNumber = Number;

const { [Symbol.hasInstance]: hasInstance } = Function.prototype;
/** `value instanceof Error`, even if the program has changed `Symbol.hasInstance`. */
export const isError = (value) => apply(hasInstance, NativeError, [value]);

/** Whether the language's own error for a value that nests too deep. */
export function isStackOverflow(error) {
  return apply(hasInstance, NativeRangeError, [error]) && error.message === "Maximum call stack size exceeded";
}

const NativeRangeError = RangeError;

/**
 * Removes the prototypes from the runtime's own data, at all depths: no `toJSON` and no missing field is found in a prototype.
 */
export function inert(value) {
  if (typeof value !== "object" || value === null) return value;
  setPrototypeOf(value, null);
  for (const key in value) inert(value[key]);
  return value;
}
