/* The module "runtime" that programs import. */

import { runtimeCall } from "./shim.js";

/** The `args` of execute_mcp_code; undefined when none were given. */
export let args;

/** Set by main.js before any user code runs. */
export function setArgs(value) {
  args = value;
}

/** JSON values that outlive the run, kept in the session. */
export const session = Object.freeze({
  get: (key) => runtimeCall("session.get", [key]),
  set: (key, value) => runtimeCall("session.set", [key, value]),
  delete: (key) => runtimeCall("session.delete", [key]),
  list: () => runtimeCall("session.list", []),
});

/** Results that were too large to be answered whole. */
export const results = Object.freeze({
  get: (handle) => runtimeCall("results.get", [handle]),
});

/** Tells the client how far the program is. Not waiting for it is fine. */
export const progress = (done, total, message) => runtimeCall("progress", [done, total, message]);

/** The servers this program may use, or the signatures of one. */
export const help = (id) => runtimeCall("help", id === undefined ? [] : [id]);
