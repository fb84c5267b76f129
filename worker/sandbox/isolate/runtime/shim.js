/*
 * Connects user code with the isolate's only binding, `callMcpTool`. Errors arrive from there as data and are thrown as
 * McpToolError, so that a program can catch and read them.
 */

import {
  apply,
  captureStackTrace,
  defineProperty,
  freeze,
  hasOwn,
  inert,
  isStackOverflow,
  NativeError,
  NativePromise,
  NativeProxy,
  parse,
  stringify,
  toText,
} from "./intrinsics.js";
import { startTimer } from "./timers.js";
import { McpToolError } from "./tool-error.js";

/** The current run. Whatever a call does later, it does to the run that made it: an isolate can run its program again. */
let current;

/** During a call of this length, a person may have been asked, which pauses the run's clock. Milliseconds. */
const longCallMs = 100;

/**
 * Called by isolate.js for each run, before any user code runs. The method is captured now, because a program could change its prototype
 * later.
 * @param {{ onAnswer: () => void, onLongCall: () => Promise<void>, onTime?: (at: number) => void }} listener `onLongCall` is awaited
 * before the program gets the reply of a long call; `onAnswer` is called after each reply, in the turn of the event loop in which the
 * program gets it; `onTime` gets the time of each reply, just before the program gets that
 */
export function connect(caller, bounds, { onAnswer, onLongCall, onTime }) {
  current = {
    __proto__: null,
    send: caller.callMcpTool,
    answered: onAnswer,
    outlasted: onLongCall,
    moveTo: onTime,
    argumentsChars: bounds.argumentsChars,
    runtimeArgumentsChars: bounds.runtimeArgumentsChars,
    bounds: bounds.inFlight,
    calls: 0,
    open: 0,
    /** Those of them that are calls to the module runtime, and the length of the arguments of all. */
    openRuntime: 0,
    openChars: 0,
    /** The length of everything that was sent and received. */
    chars: 0,
    /** Unfinished calls, by number. */
    inFlight: { __proto__: null },
    /** The question to the session that is under way, and when the last one was asked. Thousands of calls share a few of them. */
    asking: undefined,
    askedAt: 0,
  };
}

function call(server, tool, args, form) {
  // The stack is captured now, because after an await in the shim it no longer contains the program's frames.
  const place = { __proto__: null };
  captureStackTrace(place, call);
  const run = current;
  const isRuntime = server === runtimeId;
  const argsJson = jsonOfArguments(args, isRuntime ? run.runtimeArgumentsChars : run.argumentsChars);
  const refusal = argsJson === undefined ? run.bounds.tooDeepJson : refusalOf(run, isRuntime, argsJson.length);
  const pending = refusal ?? apply(run.send, undefined, [server, toText(tool), argsJson, form]);
  const finished = finish(run, pending, { __proto__: null, server, tool, place, isSent: refusal === undefined });
  run.calls += 1;
  const chars = refusal === undefined ? argsJson.length : 0;
  run.chars += chars;
  keepWhileOpen(run, finished, { __proto__: null, number: run.calls, isRuntime, chars });
  return finished;
}

const runtimeId = "runtime";

/**
 * Arguments that are too long are cut to one character over the limit: they are still refused outside, where the call is recorded.
 * Undefined if they nest too deep to be written. Every value is read only once, when it is written, unless there is a BigInt.
 */
function jsonOfArguments(args, charsMax) {
  try {
    return apply(slice, written(args ?? {}) ?? "null", [0, charsMax + 1]);
  } catch (error) {
    if (isStackOverflow(error)) return undefined;
    throw error;
  }
}

/** JSON cannot hold a BigInt: it is sent as a string with the mark of core/json.ts, and reaches the server as an integer. */
function written(args) {
  try {
    return stringify(args);
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    return stringify(args, (_key, value) => (typeof value === "bigint" ? `\u0000integer:${value}` : value));
  }
}

/** The reply to a call that exceeds what may be in flight at once; undefined for any other. */
function refusalOf({ open, openRuntime, openChars, bounds }, isRuntime, chars) {
  if (open >= bounds.calls) return bounds.tooManyJson;
  if (isRuntime && openRuntime >= bounds.runtimeCalls) return bounds.tooManyRuntimeJson;
  return openChars > 0 && openChars + chars > bounds.chars ? bounds.tooMuchJson : undefined;
}

async function keepWhileOpen(run, finished, { number, isRuntime, chars }) {
  run.inFlight[number] = finished;
  run.open += 1;
  if (isRuntime) run.openRuntime += 1;
  run.openChars += chars;
  try {
    await finished;
  } catch {
    // The caller gets the error from the same promise.
  }
  run.open -= 1;
  if (isRuntime) run.openRuntime -= 1;
  run.openChars -= chars;
  delete run.inFlight[number];
}

/** Resolves when all calls have ended, with success or not, including calls that the program makes in response. */
export async function callsEnded() {
  const { inFlight } = current;
  for (;;) {
    let isWaiting = false;
    for (const number in inFlight) {
      isWaiting = true;
      try {
        await inFlight[number];
      } catch {
        // Only the end of the call matters here.
      }
    }
    if (!isWaiting) return;
    // Lets the code that awaited the call run, because it may make another call.
    await new NativePromise((resolve) => startTimer(resolve, 0));
  }
}

/** Sends printed lines. The end of a run does not wait for this call, because the report carries the remaining lines. */
export async function sendPrinted(batch) {
  const reply = parse(await apply(current.send, undefined, ["runtime", "print", stringify(inert([batch])), "value"]));
  if (!reply.ok) throw new NativeError("the printed lines did not arrive");
}

/** Whether the program has made any call. */
export const hasCalled = () => current.calls > 0;

/** Calls of tools without an answer yet. Those of the module runtime tell the client something, and nobody waits for that. */
export const openToolCalls = () => current.open - current.openRuntime;

/** Calls without an answer yet, and the length of everything that was sent and received. */
export const openCalls = () => current.open;
export const charsExchanged = () => current.chars;

/**
 * Asks the session for the total time that the run's clock was paused. The session replies when the clock is running. The value
 * goes to `onAnswer` and not through a promise, where a program could change it.
 *
 * @param {(heldMs: number) => void} onAnswer not called if the session does not reply
 */
export async function askHeldMs(onAnswer) {
  try {
    const reply = parse(await apply(current.send, undefined, ["runtime", "time.held", "[]", "value"]));
    if (reply.ok) onAnswer(reply.value);
  } catch {
    // The session cannot be asked. Then the time that is known here counts.
  }
}

const { now } = Date;
const { slice } = String.prototype;

async function afterLongCall(run) {
  const time = now();
  if (run.asking === undefined && time - run.askedAt >= longCallMs) {
    run.askedAt = time;
    run.asking = run.outlasted();
    await run.asking;
    run.asking = undefined;
  } else if (run.asking !== undefined) await run.asking;
}

async function finish(run, pending, { server, tool, place, isSent }) {
  const sentAt = now();
  // The promise of an RPC stub, which no program can change. It carries text, because a promise reads the `then` of an object,
  // which a program can add to the prototype.
  const text = await pending;
  run.chars += text.length;
  if (isSent && now() - sentAt >= longCallMs) await afterLongCall(run);
  run.answered();
  const reply = parse(text);
  if (run.moveTo !== undefined && hasOwn(reply, "at")) run.moveTo(reply.at);
  if (reply.ok) return hasOwn(reply, "value") ? reply.value : undefined;
  const error = new McpToolError({ __proto__: null, server, tool, ...reply.error });
  const value = `${error.name}: ${error.message}\n${callersOf(place.stack)}`;
  defineProperty(error, "stack", { __proto__: null, value, configurable: true, writable: true });
  throw error;
}

/** A stack without its first line. Not always a string, because a program can replace how stacks are made. */
function callersOf(stack) {
  if (typeof stack !== "string") return "";
  let at = 0;
  while (at < stack.length && stack[at] !== "\n") at += 1;
  return apply(slice, stack, [at + 1]);
}

/** Calls a function of the orchestrator, for the module "runtime". */
export function runtimeCall(name, args) {
  return call(runtimeId, name, args, "value");
}

/**
 * The client of one server.
 *
 * An unknown property is a function whose call the gate refuses with the closest tool names, which says more than "x is not a
 * function". Properties that the language itself reads on any object (`then`, symbols) are undefined.
 *
 * @param {string} server id
 * @param {[string, string][]} tools pairs of function name and wire name
 */
export function createClient(server, tools) {
  const members = { __proto__: null };
  for (const [name, wireName] of tools) {
    members[name] = (args) => call(server, wireName, args, "value");
  }
  const wireNames = { __proto__: null };
  for (const [name, wireName] of tools) wireNames[name] = wireName;
  for (const [, wireName] of tools) wireNames[wireName] = wireName;
  // Declarations and lists show identifiers.
  const wireNameOf = (tool) => (typeof tool === "string" ? (wireNames[tool] ?? tool) : tool);
  members.$call = (tool, args) => call(server, wireNameOf(tool), args, "value");
  members.$raw = (tool, args) => call(server, wireNameOf(tool), args, "raw");
  members.$tools = freeze(tools.map(([, wireName]) => wireName));
  const ask = (member, args) => call(server, member, args, "ask");
  members.$resources = freeze({
    __proto__: null,
    list: () => ask("$resources.list", nothing),
    templates: () => ask("$resources.templates", nothing),
    read: (uri) => ask("$resources.read", { __proto__: null, uri }),
    skills: () => ask("$resources.skills", nothing),
  });
  members.$prompts = freeze({
    __proto__: null,
    list: () => ask("$prompts.list", nothing),
    get: (name, args) => ask("$prompts.get", { __proto__: null, name, args }),
  });
  const names = freeze(Object.keys(members));

  const client = new NativeProxy(
    { __proto__: null },
    {
      __proto__: null,
      get(_target, name) {
        if (name === "default") return client;
        if (hasOwn(members, name)) return members[name];
        if (typeof name === "symbol" || name in absent) return undefined;
        return (args) => call(server, name, args, "value");
      },
      has: (_target, name) => hasOwn(members, name),
      ownKeys: () => names,
      getOwnPropertyDescriptor(_target, name) {
        if (!hasOwn(members, name)) return undefined;
        return { __proto__: null, value: members[name], enumerable: true, configurable: true };
      },
      // All files of the program share the client, so none may change it.
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
      preventExtensions: () => false,
      setPrototypeOf: () => false,
    },
  );
  return client;
}

/** Empty arguments, without a prototype to which a program could add any. */
const nothing = freeze({ __proto__: null });

const absent = { __proto__: null };
const languageNames = ["then", "toJSON", "constructor", "prototype", "toString", "valueOf", "inspect", "nodeType", "__esModule"];
for (const name of languageNames) absent[name] = true;
