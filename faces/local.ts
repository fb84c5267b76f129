import type { ChildProcess, ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { failureAnswer } from "./failure.ts";
import { callOverMcp, type Endpoint } from "./mcp-target.ts";
import type { Target } from "./target.ts";

export interface LocalOptions {
  /** Path of a registry file, in place of the user's own. */
  registry?: string | undefined;
  /** By default the default session. */
  session?: string | undefined;
}

/**
 * The whole orchestrator on this machine: the one that runs, or one that is started with the first call and ends with this process. Its
 * servers see this process's environment. Needs Node 20.16 or later.
 */
export function local(options: LocalOptions = {}): Target {
  let held: HeldOrchestrator | undefined;
  return {
    async call(tool, input, callOptions) {
      held ??= hold(options);
      const holding = held;
      try {
        return await callOverMcp(await untilAborted(holding.endpoint, callOptions.signal), { tool, input }, callOptions);
      } catch (error) {
        callOptions.signal?.throwIfAborted();
        // The next call tries again.
        if (held === holding) held = undefined;
        return failureAnswer("server_unavailable", error instanceof Error ? error.message : String(error));
      }
    },
    async close() {
      const closing = held;
      held = undefined;
      await closing?.release();
    },
  };
}

interface HeldOrchestrator {
  endpoint: Promise<Endpoint>;
  release(): Promise<void>;
}

/** The command finds or starts an orchestrator, and holds it until its input is closed, which the end of this process does too. */
function hold({ registry, session }: LocalOptions): HeldOrchestrator {
  const child = spawnCommand([
    ...["stdio", "--address"],
    ...(registry === undefined ? [] : ["--registry", registry]),
    ...(session === undefined ? [] : ["--session", session]),
  ]);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const endpoint = endpointFrom(child);
  const unref = () => letEnd(child);
  endpoint.then(unref, unref);
  return {
    endpoint,
    async release() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

type Command = ChildProcessByStdio<Writable, Readable, Readable>;

/** Node's modules are asked for here and not imported, so that this file can be bundled for platforms that have none. */
function spawnCommand(args: readonly string[]): Command {
  const { createRequire } = process.getBuiltinModule("node:module");
  const main = createRequire(import.meta.url).resolve("mcp-dynamic-orchestrator/command");
  const { spawn } = process.getBuiltinModule("node:child_process");
  return spawn(process.execPath, [main, ...args], { stdio: ["pipe", "pipe", "pipe"] });
}

/** Once it is started, a process that is held must not keep this one alive. */
function letEnd(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) {
    if (stream !== null && stream !== undefined && "unref" in stream && typeof stream.unref === "function") stream.unref();
  }
}

/** What the command prints. */
const Address = z.object({ url: z.string(), token: z.string().optional() });

function endpointFrom(child: Command): Promise<Endpoint> {
  let printed = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-errorCharsMax);
  });
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (!printed.endsWith("\n")) return;
      const { url, token } = Address.parse(JSON.parse(printed));
      resolve({ url: new URL(url), token });
    });
    child.once("error", reject);
    child.once("close", () => reject(new Error(`The orchestrator did not start. ${errors.trim()}`)));
  });
}

const errorCharsMax = 4_000;

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
