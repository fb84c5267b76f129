/*
 * The isolate has no network. The platform's own error advises what a program cannot do, so it is replaced by one that says what it
 * can. Addresses that need no network, as "data:", work.
 */

import { apply, defineProperty, NativeError } from "./intrinsics.js";

const message = 'There is no network here: call a tool of a server instead. help({ query }) of "runtime" finds one.';

/** Called once, before any user code runs. */
export function explainNoNetwork() {
  const { fetch: native } = globalThis;
  async function fetch(input, init) {
    // Made here, where its stack still has the line of the program that called.
    const refusal = new NativeError(message);
    try {
      return await apply(native, undefined, [input, init]);
    } catch (error) {
      if (isForbidden(error)) throw refusal;
      throw error;
    }
  }
  function WebSocket() {
    throw new NativeError(message);
  }
  defineProperty(globalThis, "WebSocket", { __proto__: null, value: WebSocket, writable: true, configurable: true });
  defineProperty(globalThis, "fetch", { __proto__: null, value: fetch, writable: true, enumerable: true, configurable: true });
}

const { includes } = String.prototype;

function isForbidden(error) {
  const said = typeof error === "object" && error !== null ? error.message : undefined;
  return typeof said === "string" && apply(includes, said, ["not permitted to access the internet"]);
}
