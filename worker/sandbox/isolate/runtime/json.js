/*
 * Writes JSON for values that JSON.stringify would lose or refuse. Used only by result.js.
 */

import { apply, isError, keys, NativeError, stringify } from "./intrinsics.js";
import { isBoxed, isBuffer, isMap, isPromise, isRegExp, isSet, isTypedArray, isUrlQuery } from "./kinds.js";
import {
  append,
  bytesOfBuffer,
  eachOfMap,
  eachOfSet,
  getPrototypeOf,
  inMap,
  isArray,
  isFiniteNumber,
  isInMap,
  lengthOfView,
  matchIn,
  newList,
  regExpText,
  slice,
} from "./methods.js";
import { OverBound, tooLarge } from "./over-bound.js";

const { Uint8Array: Bytes } = globalThis;

const pathChars = 200;

/**
 * @param {Map} settled the values of resolved promises, by promise
 * @returns {{ json: string | undefined, promises: ArrayLike<Promise> }} `promises` are those that are not in `settled`
 * @throws OverBound, or an error whose message names the place of the value that JSON cannot hold
 */
export function writeJson(value, { name, chars, depth }, settled) {
  const page = new Page({ chars, depth, settled });
  const isAny = write(value, new Place(name, undefined), page);
  return { __proto__: null, json: isAny ? page.text : undefined, promises: page.promises };
}

// Classes, because objects without a prototype are slow. All their fields are own fields, so the prototype is never read.
class Page {
  text = "";
  promises = newList();

  constructor({ chars, depth, settled }) {
    this.chars = chars;
    this.depth = depth;
    this.settled = settled;
  }
}

/** The path to a value through the objects that contain it. */
class Place {
  key;
  outer;
  level;
  /** The object at this place, set when it is written. */
  value;

  constructor(key, outer) {
    this.key = key;
    this.outer = outer;
    this.level = outer === undefined ? 0 : outer.level + 1;
  }
}

/** @returns whether the value exists in JSON: not undefined, a function or a symbol */
function write(given, place, page) {
  const value = withToJson(given, place);
  switch (typeof value) {
    case "string":
      put(page, quoted(value, page));
      return true;
    case "number":
      put(page, isFiniteNumber(value) ? `${value}` : "null");
      return true;
    case "boolean":
      put(page, `${value}`);
      return true;
    case "bigint":
      throw new NativeError(`${pathOf(place)} is a BigInt, which JSON cannot hold. Convert it: String(value), or Number(value).`);
    case "object":
      if (value === null) put(page, "null");
      else writeNested(value, place, page);
      return true;
    default:
      return false;
  }
}

function withToJson(value, { key }) {
  const hasMethods = (typeof value === "object" && value !== null) || typeof value === "bigint";
  const toJSON = hasMethods ? value.toJSON : undefined;
  return typeof toJSON === "function" ? apply(toJSON, value, [`${key}`]) : value;
}

function put(page, text) {
  if (page.text.length + text.length > page.chars) throw tooLarge();
  page.text += text;
}

function quoted(text, page) {
  if (text.length > page.chars) throw tooLarge();
  return stringify(text);
}

function writeNested(value, place, page) {
  for (let outer = place.outer; outer !== undefined; outer = outer.outer) {
    if (outer.value === value) {
      throw new NativeError(
        `${pathOf(place)} is circular: it is ${pathOf(outer)}, which contains it. Return a copy without the reference back.`,
      );
    }
  }
  if (place.level >= page.depth) throw new OverBound({ __proto__: null, kind: "too_deep", path: pathOf(place) });
  place.value = value;
  if (isArray(value)) writeList(value, value.length, place, page);
  else if (getPrototypeOf(value) === plain) writeFields(keys(value), value, place, page);
  else writeObject(value, place, page);
}

const plain = Object.prototype;

function writeObject(value, place, page) {
  if (isMap(value)) writeMap(value, place, page);
  else if (isSet(value)) writeSet(value, place, page);
  else if (isPromise(value)) writePromise(value, place, page);
  else if (isError(value)) writeError(value, place, page);
  else if (isTypedArray(value)) writeList(value, lengthOfView(value), place, page);
  else if (isBuffer(value)) writeList(new Bytes(value), bytesOfBuffer(value), place, page);
  else if (isRegExp(value)) put(page, quoted(regExpText(value), page));
  else if (isUrlQuery(value)) put(page, quoted(`${value}`, page));
  else if (isBoxed(value)) write(value.valueOf(), place, page);
  else writeFields(keys(value), value, place, page);
}

function writeList(list, length, place, page) {
  put(page, "[");
  for (let index = 0; index < length; index++) {
    if (index > 0) put(page, ",");
    if (!write(list[index], new Place(index, place), page)) put(page, "null");
  }
  put(page, "]");
}

function writeFields(names, fields, place, page) {
  let isFirst = true;
  put(page, "{");
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const before = page.text;
    put(page, `${isFirst ? "" : ","}${quoted(name, page)}:`);
    if (write(fields[name], new Place(name, place), page)) isFirst = false;
    else page.text = before;
  }
  put(page, "}");
}

/** An object if every key is a string, otherwise a list of pairs. */
function writeMap(map, place, page) {
  const fields = { __proto__: null };
  const names = newList();
  const pairs = newList();
  eachOfMap(map, (value, key) => {
    append(pairs, [key, value]);
    if (typeof key !== "string") return;
    append(names, key);
    fields[key] = value;
  });
  if (names.length < pairs.length) writeList(pairs, pairs.length, place, page);
  else writeFields(names, fields, place, page);
}

function writeSet(set, place, page) {
  const members = newList();
  eachOfSet(set, (member) => append(members, member));
  writeList(members, members.length, place, page);
}

/** JSON.stringify writes only enumerable fields, of which most errors have none. */
function writeError(error, place, page) {
  const fields = { __proto__: null, name: error.name, message: error.message };
  const own = keys(error);
  for (let index = 0; index < own.length; index++) if (own[index] !== "stack") fields[own[index]] = error[own[index]];
  if (error.cause !== undefined) fields.cause = error.cause;
  if (isArray(error.errors)) fields.errors = error.errors;
  writeFields(keys(fields), fields, place, page);
}

/** The resolved value if it is known. Otherwise a placeholder: the JSON is written again when it is. */
function writePromise(promise, place, page) {
  const { settled, promises } = page;
  if (!isInMap(settled, promise)) {
    append(promises, promise);
    put(page, "null");
  } else if (!write(inMap(settled, promise).value, new Place("", place), page)) {
    put(page, "null");
  }
}

/** A place as the program would write it: `result.items[3].id`. */
function pathOf(place) {
  let text = "";
  for (let at = place; at !== undefined; at = at.outer) {
    if (at.outer === undefined) text = `${at.key}${text}`;
    else if (typeof at.key === "number") text = `[${at.key}]${text}`;
    else if (at.key !== "")
      text = `${matchIn(/^[A-Za-z_$][\w$]*$/, at.key) === null ? `[${stringify(at.key)}]` : `.${at.key}`}${text}`;
  }
  return text.length <= pathChars ? text : `${slice(text, 0, pathChars)}…`;
}
