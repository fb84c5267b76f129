/*
 * Time and randomness of a program that may be run again from its start: the same in each of its lives. The time is that of the
 * last answer or timer, as on Cloudflare, where it stands still while a program computes. A program that gets at the originals
 * only spoils its own second life: no recorded call is made again whatever it does.
 */

import { apply, defineProperty, NativeProxy, NativeTypeError } from "./intrinsics.js";
import { dateText } from "./methods.js";

const NativeDate = Date;
const { setTimeout, setInterval, Math: NativeMath } = globalThis;
const { floor } = NativeMath;
const { construct } = Reflect;
const { getRandomValues } = Object.getPrototypeOf(crypto);

/** Called before any user code runs. */
export function becomeReplayable({ startedAt, entropy }) {
  const bytes = Uint8Array.from({ length: entropy.length / 2 }, (_, index) =>
    Number.parseInt(entropy.slice(2 * index, 2 * index + 2), 16),
  );
  const clock = createClock(startedAt);
  replaceDate(clock);
  replaceTimers(clock);
  replaceRandom(bytes);
  return clock;
}

function createClock(startedAt) {
  let now = floor(startedAt);
  return {
    __proto__: null,
    startedAt: now,
    now: () => now,
    moveTo(at) {
      if (at > now) now = at;
    },
  };
}

function replaceDate(clock) {
  const now = () => clock.now();
  const replaced = new NativeProxy(NativeDate, {
    __proto__: null,
    construct: (target, values, made) => construct(target, values.length === 0 ? [now()] : values, made),
    apply: () => dateText(new NativeDate(now())),
  });
  replace(NativeDate, "now", now);
  // Not with `replace`: what it inherits from is every object's.
  defineProperty(NativeDate.prototype, "constructor", { value: replaced, writable: true, configurable: true, enumerable: false });
  replace(globalThis, "Date", replaced);
  replace(performance, "now", () => now() - clock.startedAt);
  delete globalThis.Temporal;
}

/** When a timer fires, it is as late as it said. */
function replaceTimers(clock) {
  const later =
    (set) =>
    (callback, ms, ...values) => {
      const wait = Number(ms) > 0 ? floor(Number(ms)) : 0;
      let at = clock.now() + wait;
      const fired = (...got) => {
        clock.moveTo(at);
        at += wait;
        return apply(callback, undefined, got);
      };
      return apply(set, globalThis, [typeof callback === "function" ? fired : callback, ms, ...values]);
    };
  replace(globalThis, "setTimeout", later(setTimeout));
  replace(globalThis, "setInterval", later(setInterval));
  const scheduler = globalThis.scheduler;
  const wait = scheduler?.wait;
  if (wait === undefined) return;
  replace(scheduler, "wait", async (ms, options) => {
    const at = clock.now() + (Number(ms) > 0 ? floor(Number(ms)) : 0);
    await apply(wait, scheduler, [ms, options]);
    clock.moveTo(at);
  });
}

/** The first bytes are the seed of Math.random. When all others are used up, new ones are taken. */
function replaceRandom(bytes) {
  let used = seedBytes;
  const take = (view) => {
    const { buffer, byteOffset, byteLength } = view;
    if (used + byteLength > bytes.length) return apply(getRandomValues, crypto, [view]);
    new Uint8Array(buffer, byteOffset, byteLength).set(bytes.subarray(used, used + byteLength));
    used += byteLength;
    return view;
  };
  replace(crypto, "getRandomValues", (view) => {
    if (!isIntegerView(view)) throw new NativeTypeError("getRandomValues takes a typed array of integers.");
    if (view.byteLength > 65_536) return apply(getRandomValues, crypto, [view]);
    return take(view);
  });
  replace(crypto, "randomUUID", () => uuidOf(take(new Uint8Array(16))));
  replace(NativeMath, "random", generator(new Uint32Array(bytes.slice(0, seedBytes).buffer)));
}

const seedBytes = 16;

function isIntegerView(view) {
  return ArrayBuffer.isView(view) && /^(?:Big)?(?:Ui|I)nt/.test(view[Symbol.toStringTag] ?? "");
}

/** Version 4 of RFC 9562. */
function uuidOf(bytes) {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** sfc32 of PractRand: nobody relies on Math.random to be hard to guess. */
function generator([a, b, c, d]) {
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
}

/** On the object itself and wherever it inherits the original from. */
function replace(object, name, value) {
  for (let scope = object; scope !== null; scope = Object.getPrototypeOf(scope)) {
    if (scope === object || Object.hasOwn(scope, name)) {
      defineProperty(scope, name, { value, writable: true, configurable: true, enumerable: false });
    }
  }
}
