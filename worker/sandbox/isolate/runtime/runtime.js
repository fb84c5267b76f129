/* The module "runtime", which programs can import. */

import { freeze, NativeProxy, NativeTypeError, parse, toText } from "./intrinsics.js";
import { OverBound } from "./over-bound.js";
import { toJsonNow } from "./result.js";
import { runtimeCall } from "./shim.js";

/** The `args` of execute_mcp_code; undefined when none were given. */
export let args;

let valueBounds;

/** Called by isolate.js before any user code runs. */
export function setUp(value, { sessionValue }) {
  args = value;
  valueBounds = sessionValue;
}

/** JSON values that outlive the run, kept in the session. */
export const session = new NativeProxy(
  Object.freeze({
    get: (key) => runtimeCall("session.get", [key]),
    set: (key, value) => runtimeCall("session.set", [key, storable(value)]),
    delete: (key) => runtimeCall("session.delete", [key]),
    list: () => runtimeCall("session.list", []),
  }),
  freeze({
    __proto__: null,
    /** The language's own error would say only that it is frozen. */
    set(_target, name) {
      throw new NativeTypeError(
        `A field of session is not kept. Write: await session.set("${toText(name)}", value), and in a later run await session.get("${toText(name)}").`,
      );
    },
  }),
);

/** The value as a later run will read it. It is converted to JSON like the result of a run. */
function storable(value) {
  try {
    const json = toJsonNow(value, { name: "value", ...valueBounds });
    return json === undefined ? null : parse(json);
  } catch (error) {
    // The session refuses the value because of its size, and names the limit.
    if (error instanceof OverBound) return value;
    throw error;
  }
}

/** Results that were too large to be returned in full. */
export const results = Object.freeze({
  get: (handle) => runtimeCall("results.get", [handle]),
});

/** Reports the program's progress to the client. Need not be awaited. */
export const progress = (done, total, message) =>
  reporting < reportsMax ? report([done, total, message]) : runtimeCallDropped();

let reporting = 0;
/** Of more at once, the later ones are dropped: the session would pass on no more of them. */
const reportsMax = 20;

async function report(values) {
  reporting += 1;
  try {
    return await runtimeCall("progress", values);
  } finally {
    reporting -= 1;
  }
}

async function runtimeCallDropped() {}

/** The servers that this program may use, those that match a query, or the tools of one server. */
export const help = (about, options) => runtimeCall("help", [about, options]);
