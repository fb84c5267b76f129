/* The error of a failed tool call. */

import { defineProperty, NativeError } from "./intrinsics.js";
import { isArray } from "./methods.js";

/** The details of `error` if the shim made it, otherwise undefined. */
export let toolErrorDetails;

/** The error of a failed tool call. Only the shim can create one: an imitation has no `#details`. */
export class McpToolError extends NativeError {
  name = "McpToolError";
  server;
  tool;
  code;
  content;
  /** The details as they were before the program could change the fields. */
  #details;

  constructor({ server, tool, code, message, content, suggestions, rule, limit, retryAfterMs }) {
    super(message);
    this.server = server;
    this.tool = tool;
    this.code = code;
    this.content = content;
    // Whoever returns or prints the error has the text once already.
    if (saysOnly(content, message)) defineProperty(this, "content", { __proto__: null, enumerable: false });
    // Of a refusal by policy: what it rests on, what that allows, and when the call may be made again.
    if (rule !== undefined) {
      this.rule = rule;
      this.limit = limit;
      this.retryAfterMs = retryAfterMs;
    }
    this.#details = { __proto__: null, code, server, tool, suggestions, rule, limit, retryAfterMs };
  }

  static {
    toolErrorDetails = (error) => (typeof error === "object" && error !== null && #details in error ? error.#details : undefined);
  }
}

function saysOnly(content, text) {
  return isArray(content) && content.length === 1 && content[0].type === "text" && content[0].text === text;
}

/** Reachable from every error of a tool. */
export const toolErrorPrototype = McpToolError.prototype;

// Otherwise a program could get the class from an error, and create errors with `#details`.
defineProperty(McpToolError.prototype, "constructor", { value: NativeError });
