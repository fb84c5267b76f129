/*
 * Methods of built-ins as functions of their receiver, captured before a program can replace them. See intrinsics.js for the
 * other built-ins. Growing lists have no prototype, because a program could define a setter for an index on the array prototype.
 */

import { apply } from "./intrinsics.js";

const uncurry =
  (method) =>
  (receiver, ...values) =>
    apply(method, receiver, values);

export const getterOf = (prototype, name) => uncurry(Object.getOwnPropertyDescriptor(prototype, name).get);
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);

export const { isArray } = Array;
export const { is, getPrototypeOf, getOwnPropertyDescriptor } = Object;
export const { ownKeys } = Reflect;
export const { max, min } = Math;
export const { isFinite: isFiniteNumber } = Number;

export const slice = uncurry(String.prototype.slice);
export const splitText = uncurry(String.prototype.split);
export const indexOf = uncurry(String.prototype.indexOf);
export const startsWith = uncurry(String.prototype.startsWith);
export const repeat = uncurry(String.prototype.repeat);
export const padEnd = uncurry(String.prototype.padEnd);
export const codeAt = uncurry(String.prototype.charCodeAt);
export const symbolText = uncurry(Symbol.prototype.toString);
export const functionText = uncurry(Function.prototype.toString);
export const numberText = uncurry(Number.prototype.toString);
export const regExpText = uncurry(RegExp.prototype.toString);
export const isoText = uncurry(Date.prototype.toISOString);
export const dateText = uncurry(Date.prototype.toString);
export const timeOf = uncurry(Date.prototype.getTime);
export const matchIn = uncurry(RegExp.prototype.exec);

export const joinList = uncurry(Array.prototype.join);
export const includes = uncurry(Array.prototype.includes);
export const eachOfMap = uncurry(Map.prototype.forEach);
export const eachOfSet = uncurry(Set.prototype.forEach);
export const inMap = uncurry(Map.prototype.get);
export const setInMap = uncurry(Map.prototype.set);
export const isInMap = uncurry(Map.prototype.has);
export const whenSettled = uncurry(Promise.prototype.then);

export const sizeOfMap = getterOf(Map.prototype, "size");
export const sizeOfSet = getterOf(Set.prototype, "size");
export const lengthOfView = getterOf(typedArray, "length");
export const kindOfView = getterOf(typedArray, Symbol.toStringTag);
export const bytesOfBuffer = getterOf(ArrayBuffer.prototype, "byteLength");

/** An array-like list without a prototype. The functions above accept it like an array. */
export function newList(...items) {
  const list = { __proto__: null, length: 0 };
  for (let index = 0; index < items.length; index++) append(list, items[index]);
  return list;
}

export function append(list, item) {
  list[list.length] = item;
  list.length += 1;
}
