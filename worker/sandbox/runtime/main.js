/*
 * The isolate's entrypoint: evaluates the user's files in dependency order and reports how the program ended.
 *
 * User files arrive as modules that export `async (require, exports) => …` (see core/compile.ts). They are evaluated here,
 * inside the request, where clocks, timers and tool calls work.
 */

import { WorkerEntrypoint } from "cloudflare:workers";
import { captureConsole } from "./console.js";
import * as runtime from "./runtime.js";
import { callsEnded, connect, toolErrorDetails } from "./shim.js";

// Taken before user code can replace them.
const { stringify, parse } = JSON;
const { race } = Promise;

export default class Isolate extends WorkerEntrypoint {
  /** @returns {Promise<object>} a SandboxReport of core/ports.ts */
  async run(caller, { entry, links, argsJson, timeoutMs, logBounds }) {
    const captured = captureConsole(logBounds);
    connect(caller);
    runtime.setArgs(parse(argsJson) ?? undefined);
    const timer = timeLimit(timeoutMs);
    const outcome = await race.call(Promise, [evaluateProgram(entry, links), timer.outcome]);
    // Calls that the program did not wait for are given the rest of its time: what they do should be known.
    await race.call(Promise, [callsEnded(), timer.outcome]);
    timer.stop();
    return { outcome, logs: captured.lines, logsDropped: captured.dropped };
  }
}

function timeLimit(timeoutMs) {
  let timer;
  const outcome = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ kind: "timed_out" }), timeoutMs);
  });
  return { outcome, stop: () => clearTimeout(timer) };
}

async function evaluateProgram(entry, links) {
  try {
    const { exports, returned } = await createLinker(links).evaluate(entry);
    const value = returned === undefined ? await settle(exports.default) : returned;
    const resultJson = stringify(value);
    return resultJson === undefined ? { kind: "returned" } : { kind: "returned", resultJson };
  } catch (error) {
    return describeError(error);
  }
}

/** A default export that is a function is called with args; anything else is the result, awaited. */
function settle(exported) {
  return typeof exported === "function" ? exported(runtime.args) : exported;
}

function createLinker(links) {
  const evaluated = new Map();

  /** Evaluates a user file after what it imports. A file that is already being evaluated is given as far as it is. */
  function evaluate(file) {
    const known = evaluated.get(file);
    if (known) return known.finished;
    const entry = { exports: {}, finished: undefined };
    evaluated.set(file, entry);
    entry.finished = run(file, entry.exports);
    return entry.finished;
  }

  async function run(file, exports) {
    const required = new Map();
    for (const [specifier, target] of Object.entries(links[file] ?? {})) {
      required.set(specifier, await load(target));
    }
    const { default: factory } = await import(`../${file}`);
    const returned = await factory((specifier) => {
      if (required.has(specifier)) return required.get(specifier);
      throw new Error(`"${specifier}" is not linked.`);
    }, exports);
    return { exports, returned };
  }

  async function load(target) {
    if (target === "runtime") return { __esModule: true, ...publicRuntime() };
    if (target in links) {
      const inProgress = evaluated.get(target);
      if (inProgress) return inProgress.exports;
      return (await evaluate(target)).exports;
    }
    const client = await import(`../${target}`);
    return client.$client ?? { __esModule: true, ...client };
  }

  return { evaluate };
}

function publicRuntime() {
  const { setArgs: _setArgs, ...members } = runtime;
  return members;
}

/** Reads an error that a program made, which may lie or throw when looked at. */
function describeError(error) {
  try {
    const details = toolErrorDetails(error);
    if (error instanceof Error) {
      const message = details || error.name === "Error" ? String(error.message) : `${error.name}: ${error.message}`;
      return { kind: "threw", code: "uncaught_exception", message, stack: String(error.stack ?? ""), ...details };
    }
    return {
      kind: "threw",
      code: "uncaught_exception",
      message: `The program threw ${stringify(error) ?? String(error)}`,
      stack: "",
    };
  } catch {
    return { kind: "threw", code: "uncaught_exception", message: "The program threw a value that cannot be read.", stack: "" };
  }
}
