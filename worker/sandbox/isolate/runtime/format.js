/*
 * Formats a value for printing: on one line if it fits, and bounded in depth, entries and characters. Getters are named and not
 * called. If a Proxy or a getter of an error throws, a placeholder is printed.
 */

import { isError, keys, stringify } from "./intrinsics.js";
import {
  isBoxed,
  isBuffer,
  isDate,
  isMap,
  isPromise,
  isRegExp,
  isSet,
  isTypedArray,
  isUrl,
  isUrlQuery,
  isWeak,
} from "./kinds.js";
import { group } from "./layout.js";
import {
  append,
  bytesOfBuffer,
  eachOfMap,
  eachOfSet,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  includes,
  isArray,
  isFiniteNumber,
  isoText,
  kindOfView,
  lengthOfView,
  matchIn,
  max,
  min,
  newList,
  numberText,
  ownKeys,
  regExpText,
  sizeOfMap,
  sizeOfSet,
  slice,
  splitText,
  startsWith,
  symbolText,
  timeOf,
} from "./methods.js";
import { cut, ownText, showSimple } from "./words.js";

const { Uint8Array: Bytes } = globalThis;

const depthMax = 5;
const entriesMax = 100;
/** At most this many slots of an array are visited, because a sparse array can have four billion. */
const slotsMax = 10_000;
const framesMax = 8;

/**
 * @param {unknown} value
 * @param {{ chars: number, depth?: number }} bounds the approximate number of characters, and the levels below the value
 * @returns {string} never throws
 */
export function format(value, { chars, depth = depthMax }) {
  return show(value, { room: chars, depth, parents: newList() });
}

function show(value, page) {
  const { parents } = page;
  const level = parents.length;
  try {
    if (typeof value !== "object" || value === null) {
      const text = showSimple(value);
      page.room -= text.length;
      return text;
    }
    if (includes(parents, value)) return "[Circular]";
    append(parents, value);
    return showObject(value, page);
  } catch {
    return "[a value that cannot be shown]";
  } finally {
    parents.length = level;
  }
}

function showObject(value, page) {
  if (isError(value)) return showError(value, page);
  if (isDate(value)) return !isFiniteNumber(timeOf(value)) ? "Invalid Date" : isoText(value);
  if (isRegExp(value)) return regExpText(value);
  if (isPromise(value)) return "Promise { not awaited }";
  if (isWeak(value)) return `${classOf(value)} { not listed }`;
  if (isUrl(value) || isUrlQuery(value)) return `${classOf(value)} ${stringify(`${value}`)}`;
  if (isBoxed(value)) return `[${classOf(value)}: ${showSimple(value.valueOf())}]`;
  const name = classOf(value);
  if (isArray(value)) return showArray(value, { name, length: value.length }, page);
  if (isTypedArray(value)) {
    return showArray(value, { name: kindOfView(value), length: lengthOfView(value), isSized: true }, page);
  }
  if (isBuffer(value)) return showBuffer(value);
  if (isMap(value)) return showMap(value, name, page);
  if (isSet(value)) return showSet(value, name, page);
  return showFields(value, name, page);
}

function showArray(value, { name, length, isSized = false }, page) {
  const label = isSized || name !== "Array" ? `${name}(${length}) ` : "";
  if (isTooDeep(page)) return length === 0 ? `${label}[]` : `[${name}(${length})]`;
  const items = newList();
  let slot = 0;
  let holes = 0;
  for (; slot < length && slot < slotsMax && hasRoom(items, page); slot++) {
    const isHole = !isSized && getOwnPropertyDescriptor(value, slot) === undefined;
    if (isHole) holes += 1;
    if (holes > 0 && (!isHole || slot + 1 === length)) {
      add(items, `<${holes} empty>`, page);
      holes = 0;
    }
    if (!isHole) add(items, isSized ? showSimple(value[slot]) : showField(value, slot, page), page);
  }
  if (slot < length) append(items, `… ${length - slot + holes} more`);
  return label + group("[", items, "]");
}

function showBuffer(value) {
  const length = bytesOfBuffer(value);
  const bytes = new Bytes(value, 0, min(length, 32));
  let text = "";
  for (let index = 0; index < bytes.length; index++) text += `${bytes[index] < 16 ? " 0" : " "}${numberText(bytes[index], 16)}`;
  return `ArrayBuffer(${length}) <${slice(text, 1)}${length > bytes.length ? " …" : ""}>`;
}

function showMap(value, name, page) {
  const size = sizeOfMap(value);
  if (isTooDeep(page)) return `[${name}(${size})]`;
  const items = newList();
  eachOfMap(value, (item, key) => {
    if (hasRoom(items, page)) add(items, `${show(key, page)} => ${show(item, page)}`, page);
  });
  if (items.length < size) append(items, `… ${size - items.length} more`);
  return `${name}(${size}) ${group("{", items, "}")}`;
}

function showSet(value, name, page) {
  const size = sizeOfSet(value);
  if (isTooDeep(page)) return `[${name}(${size})]`;
  const items = newList();
  eachOfSet(value, (item) => {
    if (hasRoom(items, page)) add(items, show(item, page), page);
  });
  if (items.length < size) append(items, `… ${size - items.length} more`);
  return `${name}(${size}) ${group("{", items, "}")}`;
}

function showFields(value, name, page) {
  const label = name === "Object" ? "" : `${name} `;
  if (isTooDeep(page)) return `[${name}]`;
  return label + group("{", fieldsOf(value, keysOf(value), page), "}");
}

/** Own enumerable keys, symbols last, at most as many as are printed. `total` counts all string keys. */
function keysOf(value) {
  const texts = keys(value);
  const names = newList();
  for (let index = 0; index < texts.length && index < entriesMax; index++) append(names, texts[index]);
  const all = ownKeys(value);
  for (let index = all.length - 1; index >= 0 && typeof all[index] === "symbol" && names.length < entriesMax; index--) {
    if (getOwnPropertyDescriptor(value, all[index])?.enumerable) append(names, all[index]);
  }
  return { names, total: max(texts.length, names.length) };
}

function fieldsOf(value, { names, total }, page) {
  const items = newList();
  for (let index = 0; index < names.length && hasRoom(items, page); index++) {
    const name = names[index];
    const isPlain = typeof name === "string" && matchIn(/^[A-Za-z_$][\w$]*$/, name) !== null;
    const label = isPlain ? name : typeof name === "symbol" ? `[${symbolText(name)}]` : showSimple(name);
    add(items, `${label}: ${showField(value, name, page)}`, page);
    page.room -= label.length;
  }
  if (items.length < total) append(items, `… ${total - items.length} more`);
  return items;
}

function showField(value, name, page) {
  const field = getOwnPropertyDescriptor(value, name);
  if (field === undefined) return "undefined";
  if (field.get !== undefined) return field.set === undefined ? "[Getter]" : "[Getter/Setter]";
  return field.set === undefined ? show(field.value, page) : "[Setter]";
}

const shownFirst = newList("name", "message", "stack", "cause", "errors");

/** The present name and message, the stack frames in the program's files, then fields and cause. */
function showError(error, page) {
  const name = error.name === "Error" ? classOf(error) : `${error.name}`;
  const message = `${error.message}`;
  let text = cut(message === "" ? name : `${name}: ${message}`, max(page.room, 200));
  page.room -= text.length;
  if (isTooDeep(page)) return `[${text}]`;
  text += framesOf(error.stack);
  const all = keysOf(error).names;
  const names = newList();
  for (let index = 0; index < all.length; index++) {
    if (!includes(shownFirst, all[index])) append(names, all[index]);
  }
  const items = fieldsOf(error, { names, total: names.length }, page);
  addHidden(items, error, "cause", page);
  addHidden(items, error, "errors", page);
  return items.length === 0 ? text : `${text} ${group("{", items, "}")}`;
}

/** Adds a property that an error does not list among its enumerable fields. */
function addHidden(items, error, name, page) {
  if (getOwnPropertyDescriptor(error, name) !== undefined) append(items, `[${name}]: ${showField(error, name, page)}`);
}

/** The stack frames that are in the program's files. */
export function framesOf(stack) {
  if (typeof stack !== "string") return "";
  const lines = splitText(slice(stack, -10_000), "\n");
  let frames = "";
  for (let index = 0, count = 0; index < lines.length && count < framesMax; index++) {
    const line = cut(lines[index], 300);
    const isOurs = matchIn(/mcp-orchestrator\/|node:|cloudflare:/, line) !== null;
    if (!startsWith(line, "    at ") || isOurs || matchIn(/\.[a-z]+:\d+:\d+\)?$/, line) === null) continue;
    frames += `\n${line}`;
    count += 1;
  }
  return frames;
}

/** The name of an object's class, without calling a getter. */
function classOf(value) {
  for (let made = getPrototypeOf(value), steps = 0; made !== null && steps < 50; made = getPrototypeOf(made), steps++) {
    const maker = getOwnPropertyDescriptor(made, "constructor")?.value;
    const name = typeof maker === "function" ? ownText(maker, "name") : "";
    if (name) return cut(name, 80);
  }
  return "[null prototype]";
}

function isTooDeep({ parents, depth }) {
  return parents.length > depth;
}

function hasRoom(items, page) {
  return items.length < entriesMax && page.room > 0;
}

function add(items, text, page) {
  append(items, text);
  page.room -= 2;
}
