/*
 * Between user code and the one binding. Loaded as text into the isolate. Refusals arrive as values and leave as
 * McpToolError, so that a program can catch and read them.
 */

import {
  apply,
  captureStackTrace,
  defineProperty,
  freeze,
  hasOwn,
  inert,
  NativeError,
  NativePromise,
  NativeProxy,
  parse,
  stringify,
  toText,
} from "./intrinsics.js";
import { startTimer } from "./timers.js";

let send;
let argumentsChars;
let inFlightBounds;
let answered;
let outlasted;

/** A call that took this long may have asked a person meanwhile. Milliseconds. */
const longCallMs = 100;

/**
 * Called once by main.js before any user code runs. The method is taken now: later a prototype could offer another one.
 * @param {{ onAnswer: () => void, onLongCall: () => Promise<void> }} listener `onAnswer`: the event loop has gone round;
 * `onLongCall`: awaited before the program gets the answer of a long call
 */
export function connect(caller, bounds, { onAnswer, onLongCall }) {
  send = caller.callMcpTool;
  answered = onAnswer;
  outlasted = onLongCall;
  argumentsChars = bounds.argumentsChars;
  inFlightBounds = bounds.inFlight;
}

/** Who failed and how, when `error` is one that the shim made. */
export let toolErrorDetails;

/** What a tool call failed with. Only the shim makes them: a look-alike has no `#details`. */
class McpToolError extends NativeError {
  name = "McpToolError";
  server;
  tool;
  code;
  content;
  /** What it said before the program could change it. */
  #details;

  constructor({ server, tool, code, message, content, suggestions }) {
    super(message);
    this.server = server;
    this.tool = tool;
    this.code = code;
    this.content = content;
    this.#details = { __proto__: null, code, server, tool, suggestions };
  }

  static {
    toolErrorDetails = (error) => (typeof error === "object" && error !== null && #details in error ? error.#details : undefined);
  }
}

// Through its errors a program would get hold of the class and could make errors that count.
defineProperty(McpToolError.prototype, "constructor", { value: NativeError });

function call(server, tool, args, form) {
  // Where the program called from is known only now: after an await that is not the program's own, the stack is empty.
  const place = { __proto__: null };
  captureStackTrace(place, call);
  // What is too long is cut, still too long: the other side refuses it by its length and enters it in the ledger.
  const argsJson = apply(slice, stringify(args ?? {}) ?? "null", [0, argumentsChars + 1]);
  const isTooMany = open >= inFlightBounds.calls;
  const pending = isTooMany ? inFlightBounds.refusalJson : apply(send, undefined, [server, toText(tool), argsJson, form]);
  const finished = finish(pending, { __proto__: null, server, tool, place });
  calls += 1;
  keepWhileOpen(calls, finished);
  return finished;
}

let calls = 0;
let open = 0;
/** The calls under way, by number. */
const inFlight = { __proto__: null };

async function keepWhileOpen(number, finished) {
  inFlight[number] = finished;
  open += 1;
  try {
    await finished;
  } catch {
    // Whoever made the call is told.
  }
  open -= 1;
  delete inFlight[number];
}

/** Resolves when all calls have ended, well or badly, and those that followed from them. */
export async function callsEnded() {
  for (;;) {
    let isWaiting = false;
    for (const number in inFlight) {
      isWaiting = true;
      try {
        await inFlight[number];
      } catch {
        // Only its end counts here.
      }
    }
    if (!isWaiting) return;
    // What awaited a call has its turn now, and may make the next one.
    await new NativePromise((resolve) => startTimer(resolve, 0));
  }
}

/** Hands over what the program printed. Not among the calls that a run's end waits for: the report carries what is left. */
export async function sendPrinted(batch) {
  const reply = parse(await apply(send, undefined, ["runtime", "print", stringify(inert([batch])), "value"]));
  if (!reply.ok) throw new NativeError("what was printed did not arrive");
}

/** Whether the program has made any call. */
export const hasCalled = () => calls > 0;

/**
 * Asks the session how long the run's time has stood still in all, which it says once that clock runs. The answer goes to
 * `onAnswer` and not through a promise, where a program could change it.
 *
 * @param {(heldMs: number) => void} onAnswer not called when the session does not answer
 */
export async function askHeldMs(onAnswer) {
  try {
    const reply = parse(await apply(send, undefined, ["runtime", "time.held", "[]", "value"]));
    if (reply.ok) onAnswer(reply.value);
  } catch {
    // Nobody is there to ask: what is known here counts.
  }
}

const { now } = Date;
const { slice } = String.prototype;

async function finish(pending, { server, tool, place }) {
  // The stub's own kind of promise, which no program gets to change; and text, because an object on its way through a promise
  // is asked for `then`, which a program can put into its prototype.
  const sentAt = now();
  const text = await pending;
  answered();
  if (now() - sentAt >= longCallMs) await outlasted();
  const reply = parse(text);
  if (reply.ok) return hasOwn(reply, "value") ? reply.value : undefined;
  const error = new McpToolError({ __proto__: null, server, tool, ...reply.error });
  const value = `${error.name}: ${error.message}\n${callersOf(place.stack)}`;
  defineProperty(error, "stack", { __proto__: null, value, configurable: true, writable: true });
  throw error;
}

/** A stack less its first line. A program may have made it into anything. */
function callersOf(stack) {
  if (typeof stack !== "string") return "";
  let at = 0;
  while (at < stack.length && stack[at] !== "\n") at += 1;
  return apply(slice, stack, [at + 1]);
}

/** A function of the orchestrator itself, for the module "runtime". */
export function runtimeCall(name, args) {
  return call("runtime", name, args, "value");
}

/**
 * The client of one server.
 *
 * Asking for a tool it does not have gives a function that the gate refuses by name with the closest ones, instead of
 * "x is not a function". What the language itself looks up on any object (`then`, symbols) is simply absent.
 *
 * @param {string} server id
 * @param {[string, string][]} tools pairs of function name and wire name
 */
export function createClient(server, tools) {
  const members = { __proto__: null };
  for (const [name, wireName] of tools) {
    members[name] = (args) => call(server, wireName, args, "value");
  }
  members.$call = (wireName, args) => call(server, wireName, args, "value");
  members.$raw = (wireName, args) => call(server, wireName, args, "raw");
  members.$tools = freeze(tools.map(([, wireName]) => wireName));
  const ask = (member, args) => call(server, member, args, "ask");
  members.$resources = freeze({
    __proto__: null,
    list: () => ask("$resources.list", nothing),
    templates: () => ask("$resources.templates", nothing),
    read: (uri) => ask("$resources.read", { __proto__: null, uri }),
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
        if (name === "__esModule") return true;
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
      // The same client is shared by every file of the program: none of them changes it for the others.
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
      preventExtensions: () => false,
      setPrototypeOf: () => false,
    },
  );
  return client;
}

/** No arguments, and none that a program could give every object. */
const nothing = freeze({ __proto__: null });

const absent = { __proto__: null };
for (const name of ["then", "toJSON", "constructor", "prototype", "toString", "valueOf", "inspect", "nodeType"])
  absent[name] = true;
