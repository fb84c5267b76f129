/*
 * What a program returns, as JSON text. Wider than JSON.stringify where that loses data without a word (Map, Set, typed
 * arrays, errors, promises that were not awaited), and with the place named where a value has no JSON. Nothing longer than
 * the bound is ever put together.
 */

import { keys, NativeError, stringify } from "./intrinsics.js";
import { writeJson } from "./json.js";
import { getPrototypeOf, isArray, setInMap, whenSettled } from "./methods.js";
import { tooLarge } from "./over-bound.js";

const { Map: NativeMap } = globalThis;
const { prototype: plain } = Object;

/** A promise that resolves to promises is followed so often. */
const roundsMax = 10;

/**
 * @param {unknown} value
 * @param {{ name: string, chars: number, depth: number }} options how messages call the value, and its bounds
 * @returns {Promise<string | undefined>} undefined for what is nothing in JSON: undefined, a function, a symbol
 * @throws OverBound, or an error whose message names the place of what has no JSON
 */
export async function toJson(value, options) {
  if (isPlainData(value, options)) return plainJson(value, options);
  const settled = new NativeMap();
  for (let round = 0; round < roundsMax; round++) {
    const { json, promises } = writeJson(value, options, settled);
    if (promises.length === 0) return json;
    for (let index = 0; index < promises.length; index++) {
      // Whichever of them fails first, none is left without somebody who looks at it.
      whenSettled(promises[index], undefined, () => {});
    }
    for (let index = 0; index < promises.length; index++) {
      setInMap(settled, promises[index], { __proto__: null, value: await promises[index] });
    }
  }
  throw new NativeError(`The ${options.name} holds promises that resolve to promises without end. Await them in the program.`);
}

/** Like `toJson` for a value that must not hold promises. */
export function toJsonNow(value, options) {
  if (isPlainData(value, options)) return plainJson(value, options);
  const { json, promises } = writeJson(value, options, new NativeMap());
  if (promises.length === 0) return json;
  throw new NativeError(`The ${options.name} holds a Promise. Await it first.`);
}

/**
 * Whether JSON.stringify would do: it is twenty times as fast and takes a tenth of the memory. Circles are deeper than any
 * bound; megabytes are counted without writing them.
 * @throws OverBound
 */
function isPlainData(value, { chars, depth }) {
  let room = chars;

  function isPlain(item, level) {
    room -= typeof item === "string" ? item.length + 2 : 1;
    if (room < 0) throw tooLarge();
    if (typeof item !== "object") return typeof item !== "bigint";
    if (item === null) return true;
    if (level >= depth || typeof item.toJSON === "function") return false;
    if (isArray(item)) {
      for (let index = 0; index < item.length; index++) if (!isPlain(item[index], level + 1)) return false;
      return true;
    }
    if (getPrototypeOf(item) !== plain) return false;
    const names = keys(item);
    for (let index = 0; index < names.length; index++) {
      room -= names[index].length + 3;
      if (!isPlain(item[names[index]], level + 1)) return false;
    }
    return true;
  }

  return isPlain(value, 0);
}

function plainJson(value, { chars }) {
  const json = stringify(value);
  if (json !== undefined && json.length > chars) throw tooLarge();
  return json;
}
