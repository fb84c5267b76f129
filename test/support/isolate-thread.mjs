/*
 * The thread a program runs in: modules come from memory, named as in the isolate, and `cloudflare:workers` is a class
 * without behaviour. See node-sandbox.ts.
 */

import { registerHooks } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

const origin = "isolate:///";
const { modules, input } = workerData;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "cloudflare:workers") return { url: `${origin}cloudflare-workers`, shortCircuit: true };
    if (specifier.startsWith(origin)) return { url: specifier, shortCircuit: true };
    if (context.parentURL?.startsWith(origin)) return { url: new URL(specifier, context.parentURL).href, shortCircuit: true };
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith(origin)) return next(url, context);
    const name = decodeURIComponent(url.slice(origin.length));
    const source = name === "cloudflare-workers" ? "export class WorkerEntrypoint {}" : modules[name];
    if (source === undefined) throw new Error(`No such module "${name}".`);
    return { format: "module", source, shortCircuit: true };
  },
});

let calls = 0;
const waiting = new Map();
parentPort.on("message", ({ id, reply }) => {
  waiting.get(id)?.(reply);
  waiting.delete(id);
});
const caller = {
  callMcpTool: (...call) =>
    new Promise((resolve) => {
      calls += 1;
      waiting.set(calls, resolve);
      parentPort.postMessage({ kind: "call", id: calls, call });
    }),
};

// What a timer of the program throws is nobody's business there, and ends no isolate.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});

async function run() {
  try {
    const { default: Isolate } = await import(`${origin}mcp-orchestrator/main.js`);
    return JSON.parse(await new Isolate().run(caller, input));
  } catch (error) {
    return { outcome: { kind: "not_loaded", message: String(error?.stack ?? error) }, logs: [], logsDropped: 0 };
  }
}

parentPort.postMessage({ kind: "report", report: await run() });
