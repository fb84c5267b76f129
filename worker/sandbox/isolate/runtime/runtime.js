/* The module "runtime" that programs import. */

import { parse } from "./intrinsics.js";
import { OverBound } from "./over-bound.js";
import { toJsonNow } from "./result.js";
import { runtimeCall } from "./shim.js";

/** The `args` of execute_mcp_code; undefined when none were given. */
export let args;

let valueBounds;

/** Called by main.js before any user code runs. */
export function setUp(value, { sessionValue }) {
  args = value;
  valueBounds = sessionValue;
}

/** JSON values that outlive the run, kept in the session. */
export const session = Object.freeze({
  get: (key) => runtimeCall("session.get", [key]),
  set: (key, value) => runtimeCall("session.set", [key, storable(value)]),
  delete: (key) => runtimeCall("session.delete", [key]),
  list: () => runtimeCall("session.list", []),
});

/** The value as it will be read: a Map or a Set as a result of a run would be. */
function storable(value) {
  try {
    const json = toJsonNow(value, { name: "value", ...valueBounds });
    return json === undefined ? null : parse(json);
  } catch (error) {
    // The session refuses it by its size and says what may be kept.
    if (error instanceof OverBound) return value;
    throw error;
  }
}

/** Results that were too large to be answered whole. */
export const results = Object.freeze({
  get: (handle) => runtimeCall("results.get", [handle]),
});

/** Tells the client how far the program is. Not waiting for it is fine. */
export const progress = (done, total, message) => runtimeCall("progress", [done, total, message]);

/** The servers this program may use, those that fit a query, or the tools of one. */
export const help = (about, options) => runtimeCall("help", [about, options]);
