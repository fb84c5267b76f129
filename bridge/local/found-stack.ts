import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import type { Place } from "../home.ts";
import { pause } from "../sandbox/pause.ts";
import { answers } from "../sandbox/probe.ts";
import { findFreePort, isPortTaken } from "./free-port.ts";
import { readStartRecord, type StartRecord, stateFolder } from "./start-record.ts";
import { useStack } from "./users.ts";

export interface StackOptions {
  place: Place;
  /** Where a stack of this user is looked for. */
  port: number;
  /** Absolute path of the registry that it must serve. */
  registry: string;
  /** The user named this registry, so that a stack with another one is not the right one. */
  isNamed: boolean;
  workingDirectory: string;
  signal: AbortSignal;
}

/** A stack on this machine. Disposing gives up its use: one that was started for its users ends with the last of them. */
export interface FoundStack extends Disposable {
  url: string;
  authToken: string | undefined;
}

/**
 * Finds the stack that runs on the port, or starts one. Several processes may do so at once: one of them starts it and all use it.
 *
 * @throws OrchestratorError `server_unavailable` with what it printed when it does not start
 */
export async function findStack(options: StackOptions): Promise<FoundStack> {
  const { place, port, registry, isNamed, signal } = options;
  const running = await lookAt(place, port, signal);
  const isOther = running !== undefined && isNamed && running.registry !== registry;
  // What listens there may be one that is starting; what stays silent for long is something else.
  if (!isOther) {
    const shared = await useOrStart({ ...options, isTemporary: false });
    if (shared !== undefined) return shared;
  }
  const own = await useOrStart({ ...options, port: await findFreePort(), isTemporary: true });
  if (own !== undefined) return own;
  throw new OrchestratorError("server_unavailable", "No port is free for the orchestrator.");
}

type Start = StackOptions & { isTemporary: boolean };

/** Undefined where something else listens on the port. */
async function useOrStart(start: Start): Promise<FoundStack | undefined> {
  const { place, port, signal } = start;
  const folder = stateFolder(place, port);
  // Before it is looked at, so that it does not end in between.
  const use = await useStack(folder);
  const until = Date.now() + strangerMs;
  try {
    while (!signal.aborted) {
      const record = await lookAt(place, port, signal);
      if (record) return foundStack(port, record, use);
      if (!(await isPortTaken(port))) {
        const started = await startForUsers(start, folder);
        if (started) return foundStack(port, started, use);
      } else if (Date.now() > until) {
        use[Symbol.dispose]();
        return undefined;
      }
      await pause(pollMs, signal);
    }
    throw new OrchestratorError("cancelled", "Stopped while starting.");
  } catch (error) {
    use[Symbol.dispose]();
    throw error;
  }
}

/** How long a port may be taken by what neither is ready nor ends: a stack starts and ends within this time. */
const strangerMs = 15_000;
const pollMs = 100;

function foundStack(port: number, { authToken }: StartRecord, use: Disposable): FoundStack {
  return { url: `http://127.0.0.1:${port}`, authToken, [Symbol.dispose]: () => use[Symbol.dispose]() };
}

/** The record of a stack that runs there and is ready. One that does not run has left its record as well. */
async function lookAt(place: Place, port: number, signal: AbortSignal): Promise<StartRecord | undefined> {
  const record = await readStartRecord(place, new URL(`http://127.0.0.1:${port}`));
  if (record === undefined) return undefined;
  return (await answers({ port }, { path: "/readyz", signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) }))
    ? record
    : undefined;
}

const answerMs = 5_000;

/** Undefined where another process was faster. */
async function startForUsers(
  { place, port, registry, isNamed, isTemporary, workingDirectory, signal }: Start,
  folder: string,
): Promise<StartRecord | undefined> {
  const logFile = join(folder, "logs", "stack.log");
  await mkdir(join(folder, "logs"), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, "w", 0o600);
  const child = spawn(
    process.execPath,
    [
      join(place.projectRoot, "bridge", "main.mjs"),
      ...["local", isTemporary ? "--while-used=once" : "--while-used"],
      ...(isNamed ? ["--registry", registry] : []),
    ],
    // In a group of its own, because it outlives this process if others use it. Its output must not depend on this process either.
    {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: workingDirectory,
      env: { ...process.env, PORT: String(port), npm_lifecycle_event: undefined },
    },
  );
  closeSync(log);
  child.unref();
  let end: string | undefined;
  child.once("error", (error) => {
    end = error.message;
  });
  child.once("exit", (code, killedBy) => {
    end = `It ended with ${killedBy ?? `code ${code}`}.`;
  });
  while (!signal.aborted) {
    const record = await lookAt(place, port, signal);
    if (record) return record;
    if (end !== undefined) break;
    await pause(pollMs, signal);
  }
  if (end === undefined || (await isPortTaken(port))) return undefined;
  const printed = (await readFile(logFile, "utf8")).trim().split("\n").slice(-lastLines).join("\n");
  throw new OrchestratorError("server_unavailable", `The orchestrator did not start. ${end}\n${printed}`);
}

const lastLines = 10;
