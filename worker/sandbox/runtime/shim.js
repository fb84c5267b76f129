/*
 * Between user code and the one binding. Loaded as text into the isolate. Refusals arrive as values and leave as
 * McpToolError, so that a program can catch and read them.
 */

let caller;

/** Set once by main.js before any user code runs. */
export function connect(target) {
  caller = target;
}

/** Errors made here, as opposed to look-alikes that a program makes, with what they said before it could change them. */
const genuine = new WeakMap();

export class McpToolError extends Error {
  constructor({ server, tool, code, message, content, suggestions }) {
    super(message);
    this.name = "McpToolError";
    this.server = server;
    this.tool = tool;
    this.code = code;
    this.content = content;
    genuine.set(this, { code, server, tool, suggestions });
  }
}

/** Who failed and how, when `error` is an McpToolError of ours. */
export function toolErrorDetails(error) {
  return genuine.get(error);
}

function call(server, tool, args, form) {
  // Where the program called from is known only now: after an await that is not the program's own, the stack is empty.
  const place = {};
  Error.captureStackTrace(place, call);
  const finished = finish(caller.callMcpTool(server, tool, JSON.stringify(args ?? {}), form), { server, tool, place });
  inFlight.add(finished);
  const forget = () => inFlight.delete(finished);
  finished.then(forget, forget);
  return finished;
}

const inFlight = new Set();

/** Resolves when the calls that are under way now have ended, well or badly. */
export function callsEnded() {
  return Promise.allSettled([...inFlight]);
}

async function finish(pending, { server, tool, place }) {
  const reply = await pending;
  if (reply.ok) return reply.value;
  const error = new McpToolError({ server, tool, ...reply.error });
  error.stack = `${error.name}: ${error.message}\n${place.stack.split("\n").slice(1).join("\n")}`;
  throw error;
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
  const members = new Map();
  for (const [name, wireName] of tools) {
    members.set(name, (args) => call(server, wireName, args, "value"));
  }
  members.set("$call", (wireName, args) => call(server, wireName, args, "value"));
  members.set("$raw", (wireName, args) => call(server, wireName, args, "raw"));
  members.set("$tools", Object.freeze(tools.map(([, wireName]) => wireName)));

  const client = new Proxy(Object.create(null), {
    get(_target, name) {
      if (name === "__esModule") return true;
      if (name === "default") return client;
      if (members.has(name)) return members.get(name);
      if (typeof name === "symbol" || absent.has(name)) return undefined;
      return (args) => call(server, name, args, "value");
    },
    has: (_target, name) => members.has(name),
    ownKeys: () => [...members.keys()],
    getOwnPropertyDescriptor(_target, name) {
      return members.has(name) ? { value: members.get(name), enumerable: true, configurable: true } : undefined;
    },
    // The same client is shared by every file of the program: none of them changes it for the others.
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    preventExtensions: () => false,
    setPrototypeOf: () => false,
  });
  return client;
}

const absent = new Set(["then", "toJSON", "constructor", "prototype", "toString", "valueOf", "inspect", "nodeType"]);
