/*
 * An isolate that is kept runs its program again, if the run before left nothing behind. All that such a program can reach and
 * change (core/program/traceless.ts limits what it can reach) is recorded before it starts for the first time, and compared after
 * each run. Nothing of an earlier run can happen during a later one: such a program has no timers or events, all of its calls have
 * ended, and it can wait for nothing else.
 */

import { NativePromise } from "./intrinsics.js";
import { append, getOwnPropertyDescriptor, getPrototypeOf, is, matchIn, newList, ownKeys } from "./methods.js";
import { OverBound } from "./over-bound.js";
import * as runtime from "./runtime.js";
import { openCalls } from "./shim.js";
import { startTimer } from "./timers.js";
import { toolErrorPrototype } from "./tool-error.js";

const { isExtensible } = Object;
const { Set: NativeSet } = globalThis;

/** `unused`, `running`, `ended` (to be compared), `clean`, or `spoilt` for good. */
let state = "unused";
let records;

/**
 * Called before each run.
 * @returns {boolean} whether the program may run here
 */
export function beginAgain() {
  compareOnce();
  if (state !== "unused" && state !== "clean") return false;
  state = "running";
  return true;
}

/** Called when everything is loaded, and before any code of the program runs. */
export function readyAgain(modules, { globals, calls }) {
  records ??= recordAll(modules, globals, calls);
  // The last match of a regular expression is kept by RegExp itself.
  matchIn(/(?:)/, "");
}

/**
 * Called after each run. The comparison is made as soon as the report has been sent, or before the next run if that is sooner. In
 * either case it is in another turn of the event loop, so whatever the program's promises had left to do is done.
 * @returns {Promise<void>} resolves after the comparison
 */
export function endAgain(isUnspoilt) {
  state = isUnspoilt ? "ended" : "spoilt";
  return new NativePromise((resolve) => {
    startTimer(() => {
      compareOnce();
      resolve();
    }, 0);
  });
}

function compareOnce() {
  // A promise may have made a call after the end.
  if (state === "ended") state = openCalls() === 0 && isUnchanged() ? "clean" : "spoilt";
}

/** Every object that can be reached, with its prototype and all its properties. */
function recordAll(modules, globals, calls) {
  const seen = new NativeSet();
  const found = [];
  const add = (value) => {
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    if (!isObject || seen.has(value)) return;
    seen.add(value);
    found.push(value);
  };
  const list = newList();
  // The program reaches of the global object only its properties of these names. The console is made anew for each run.
  for (let scope = globalThis; scope !== null; scope = getPrototypeOf(scope)) {
    if (scope === Object.prototype) break;
    seen.add(scope);
    append(list, recordOf(scope, "console"));
  }
  for (const name of globals) if (name !== "console") add(globalThis[name]);
  for (const [object, name] of calls) add(globalThis[object][name]);
  for (const value of withoutName()) add(value);
  const { session, results, progress, help } = runtime;
  for (const value of [session, results, progress, help, toolErrorPrototype, OverBound.prototype]) add(value);
  for (const module of modules) for (const name of ownKeys(module)) if (name !== "args") add(module[name]);
  for (const object of found) {
    const record = recordOf(object);
    append(list, record);
    add(record.prototype);
    for (const { value, get, set } of record.properties) for (const next of [value, get, set]) add(next);
  }
  return list;
}

function recordOf(object, except) {
  const keys = ownKeys(object);
  const properties = keys.map((key) => ({ value: undefined, ...getOwnPropertyDescriptor(object, key) }));
  return new Record(object, keys, properties, except);
}

// A class, because objects without a prototype are slow.
class Record {
  constructor(object, keys, properties, except) {
    this.object = object;
    this.prototype = getPrototypeOf(object);
    this.isExtensible = isExtensible(object);
    this.keys = keys;
    this.properties = properties.map((property) => new Property(property));
    this.except = except;
  }
}

class Property {
  constructor({ value, get, set, writable, enumerable, configurable }) {
    this.value = value;
    this.get = get;
    this.set = set;
    this.writable = writable;
    this.enumerable = enumerable;
    this.configurable = configurable;
  }
}

function isUnchanged() {
  for (let index = 0; index < records.length; index++) if (!isAsRecorded(records[index])) return false;
  return true;
}

function isAsRecorded(record) {
  const { object, keys, properties, except } = record;
  if (getPrototypeOf(object) !== record.prototype || isExtensible(object) !== record.isExtensible) return false;
  const now = ownKeys(object);
  if (now.length !== keys.length) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    if (now[index] !== key) return false;
    const property = getOwnPropertyDescriptor(object, key);
    const before = properties[index];
    if (property.get !== before.get || property.set !== before.set || property.writable !== before.writable) return false;
    if (property.enumerable !== before.enumerable || property.configurable !== before.configurable) return false;
    if (!is(property.value, before.value) && key !== except) return false;
  }
  return true;
}

/** What the language makes without a name: the prototypes of iterators, generators, async functions and stack frames. */
function withoutName() {
  const iterator = [].values();
  const segments = new Intl.Segmenter().segment("a");
  const place = {};
  Error.captureStackTrace(place);
  const made = [
    function* () {}.constructor,
    (async () => {}).constructor,
    async function* () {}.constructor,
    ...[iterator, new Map().entries(), new Set().values(), ""[Symbol.iterator](), "a".matchAll(/a/g)],
    ...[iterator.map((item) => item), Iterator.from({ next() {} }), Iterator.concat?.([]), Iterator.zip?.([])],
    ...[new URLSearchParams().entries(), segments, segments[Symbol.iterator]()],
    ...[new Error(), place].flatMap((error) => {
      const { get, set } = getOwnPropertyDescriptor(error, "stack") ?? {};
      return [get, set];
    }),
    globalThis.DOMException,
    frameOf(),
  ];
  // Of these only the prototypes: the objects themselves were made just now.
  return made.map((value) => (typeof value === "function" ? value : value && getPrototypeOf(value)));
}

function frameOf() {
  Error.prepareStackTrace = (_error, [frame]) => frame;
  const { stack } = new Error();
  delete Error.prepareStackTrace;
  return typeof stack === "object" ? stack : undefined;
}
