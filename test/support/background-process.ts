import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { projectRoot } from "./project-root.ts";

/** Generous timeouts, so that a busy machine does not fail a test. */
const printedMs = 100_000;
const exitMs = 30_000;

export type SignalTarget = "process" | "group";

/** A program that runs beside the test, like a job of a terminal. Disposing ends it and all processes it has started. */
export interface BackgroundProcess extends AsyncDisposable {
  pid: number;
  /** Its own temporary folder, which is deleted with it. */
  folder: string;
  /** All its output, stdout and stderr mixed as in a terminal. */
  output(): string;
  /** Resolves with the match as soon as the output matches; rejects with the output if the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code once the process has ended and its output is read; with null if a signal ended it. */
  exited(): Promise<number | null>;
  /** Sends a signal to the process alone, or to its group like Ctrl-C in a terminal. */
  signal(name: NodeJS.Signals, target?: SignalTarget): void;
}

export interface BackgroundOptions {
  /** Called with the temporary folder, to put files there. */
  args: (folder: string) => readonly string[] | Promise<readonly string[]>;
  env?: (folder: string) => Record<string, string>;
}

/** Starts a program of this project with the Node that runs the tests. */
export async function startBackground({ args, env = () => ({}) }: BackgroundOptions): Promise<BackgroundProcess> {
  const folder = await mkdtemp(join(tmpdir(), "mcp-orchestrator-e2e-"));
  const child = spawn(process.execPath, await args(folder), {
    cwd: projectRoot,
    // A process group of its own, as a shell gives each job.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // All its child processes inherit this variable, which identifies them among all processes of the machine.
    env: { ...scriptEnvironment(), XDG_STATE_HOME: join(folder, "state"), ...env(folder), TMPDIR: folder },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${process.execPath} could not be started`);
  const output = collectOutput(child);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const isRunning = () => child.exitCode === null && child.signalCode === null;

  const self: BackgroundProcess = {
    pid,
    folder,
    output: output.text,
    printed: (pattern) => within(printedMs, output.next(pattern), () => `It did not print ${pattern} but:\n${output.text()}`),
    exited: () => within(exitMs, ended, () => `It did not end. It printed:\n${output.text()}`),
    signal: (name, target = "process") => void process.kill(target === "group" ? -pid : pid, name),
    async [Symbol.asyncDispose]() {
      if (isRunning()) {
        self.signal("SIGTERM");
        await self.exited().catch((error: unknown) => console.error(error));
      }
      // Processes left by a failed test must not disturb the next one.
      for (const { pid: left } of processesOf(self)) killIfThere(left);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return self;
}

export interface RunningProcess {
  pid: number;
  command: string;
}

/** The process and all its descendants that still run, even if they were reparented. */
export function processesOf({ folder }: { folder: string }): RunningProcess[] {
  const marker = `TMPDIR=${folder}`;
  // `e` appends the environment to the command.
  return execFileSync("ps", ["axeww", "-o", "pid=,stat=,args="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null)
    .map(([, pid, state = "", command = ""]) => ({ pid: Number(pid), state, command }))
    .filter(({ state, command }) => !state.startsWith("Z") && command.split(" ").includes(marker))
    .map(({ pid, command }) => ({ pid, command: command.slice(0, command.search(/ [A-Za-z_]\w*=/)) }));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended in the meantime, which is just as good.
  }
}

/** This process's environment as `npm run` would set it, without the variables of the test runner. */
export function scriptEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$)/.test(entry[0]),
  );
  const path = [join(projectRoot, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, NODE_COMPILE_CACHE: compileCache };
}

/** The tests start the same few programs many times. Loading them takes most of a start. */
const compileCache = join(projectRoot, "node_modules/.cache/node-compile-cache");

function collectOutput(child: ChildProcess) {
  let text = "";
  const waiting = new Set<() => void>();
  let hasEnded = false;
  const tell = () => {
    for (const look of [...waiting]) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      tell();
    });
  }
  child.once("close", () => {
    hasEnded = true;
    tell();
  });

  const next = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(text);
        if (match === null && !hasEnded) return;
        waiting.delete(look);
        if (match) resolve(match);
        else reject(new Error(`It ended without printing ${pattern}. It printed:\n${text}`));
      };
      waiting.add(look);
      look();
    });
  return { text: () => text, next };
}

async function within<T>(ms: number, promise: Promise<T>, describe: () => string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${describe()}\n(waited ${ms / 1000} s)`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
