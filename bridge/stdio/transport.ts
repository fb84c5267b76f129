import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type JSONRPCMessage, parseJSONRPCMessage, serializeMessage, type Transport } from "@modelcontextprotocol/client";
import { limits } from "../../core/limits.ts";
import { repaired, stashResult } from "../../core/mcp/lenient-results.ts";
import { type Redact, redactData } from "../../core/registry/redaction.ts";
import { LastLines } from "./last-lines.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { describeExit, type Ending, exitOf, type Launch, spawnGroup, stopGroup } from "./process-group.ts";
import { StartRefusal } from "./start-refusal.ts";

/** After the leader ended its pipes drain within this; a grandchild that holds them open must not delay the news. */
const drainMs = 100;

/**
 * MCP over the stdin and stdout of a process (spec: basic/transports, stdio). In place of the SDK's own transport,
 * which knows one process and not its group, and keeps nothing of what the process said.
 *
 * The SDK tells a stdio transport by the members `pid` and `stderr`, and gives it the patience a local pipe needs.
 */
export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport["onmessage"];

  readonly #launch: Launch;
  readonly #redact: Redact;
  readonly #lastLines = new LastLines();
  #child: ChildProcessWithoutNullStreams | undefined;
  #ending: Ending | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** @param redact takes the server's secrets out of all that it says */
  constructor(launch: Launch, redact: Redact = (text) => text) {
    this.#launch = launch;
    this.#redact = redact;
  }

  /** Of the leader, whose number is also that of the group. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What the process wrote beside the protocol lately, ready to be appended to a message. */
  get stderr(): string {
    return this.#lastLines.toMessage();
  }

  /** Reads after "it": how the process ended by itself, or why it had to be. Undefined while it runs, or when `close` ended it. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Resolves when the process runs. Rejects, naming the command and the next step, when it cannot be started. */
  async start(): Promise<void> {
    if (this.#child) throw new Error("a StdioTransport starts once");
    const child = spawnGroup(this.#launch);
    this.#child = child;
    this.#readStreams(child);
    child.once("exit", (code, signal) => {
      if (this.#closing) return;
      this.#ending = describeExit(code, signal);
      const timer = setTimeout(() => void this.close(), drainMs);
      child.once("close", () => {
        clearTimeout(timer);
        void this.close();
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(describeSpawnError(this.#launch, error)));
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable) return Promise.reject(new Error("the process takes no more input"));
    return new Promise((resolve, reject) => {
      stdin.write(serializeMessage(message), (error) => {
        if (!error) return resolve();
        // The exit that broke the pipe is the better account of it, and settles the request if it is told first.
        setTimeout(() => reject(error), 2 * drainMs);
      });
    });
  }

  /** Ends stdin and then the whole group. Safe to call at any time, any number of times; resolves when all are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    // Whoever waits for an answer hears now, not after the process took its time to end.
    this.#reportClosed();
    if (!this.#child) return;
    this.#child.stdin.end();
    // The end of its input is how a server is asked to leave (spec: basic/lifecycle, shutdown); some save what they hold then.
    await Promise.race([exitOf(this.#child), delay(limits.inputEndMs)]);
    await stopGroup(this.#child);
    // A grandchild outside the group may hold the pipes; let go of our ends, or they would keep this process alive.
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  #reportClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onclose?.();
  }

  #readStreams(child: ChildProcessWithoutNullStreams): void {
    const stdout = createLineSplitter({
      lineCharsMax: limits.stdioMessageCharsMax,
      onLine: (line, isCut) => (isCut ? this.#breakOff() : this.#receive(line)),
    });
    const stderr = createLineSplitter({
      // Longer than what is kept of it, so that a secret is whole when it is looked for.
      lineCharsMax: 2 * limits.stderrLineCharsMax,
      onLine: (line) => this.#lastLines.add(this.#redact(line)),
    });
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk)).on("end", () => stdout.end());
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk)).on("end", () => stderr.end());
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      // A broken pipe is reported by the exit that broke it; an unhandled "error" event would end the bridge.
      stream.on("error", (error) => this.onerror?.(error));
    }
  }

  #receive(line: string): void {
    if (this.#isClosed || line.trim() === "") return;
    let message: JSONRPCMessage;
    try {
      message = readMessage(line, this.#redact);
    } catch {
      // Banners and stray prints are common on stdout; they cost nothing and help to explain a failure later.
      this.#lastLines.add(`(stdout) ${this.#redact(line)}`);
      return;
    }
    if ("method" in message) this.onmessage?.(message);
    // The SDK handles a notification a moment after it gets it, and an answer at once: of a progress and the answer behind it in
    // one piece, the progress would be lost.
    else setImmediate(() => this.onmessage?.(message));
  }

  #breakOff(): void {
    this.#ending = { isClean: false, text: `sent a message of over ${limits.stdioMessageCharsMax} characters and was ended` };
    void this.close();
  }
}

/** @throws when the line is no JSON-RPC message, however leniently read */
function readMessage(line: string, redact: Redact): JSONRPCMessage {
  const received: unknown = JSON.parse(line);
  const isHarmless = redact(line) === line;
  const message = parseJSONRPCMessage(repaired(isHarmless ? received : redactData(received, redact)));
  stashResult(message);
  return message;
}

function describeSpawnError(launch: Launch, error: NodeJS.ErrnoException): Error {
  const name = JSON.stringify(launch.command);
  if (!statSync(launch.cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return new StartRefusal(`cannot start: the working directory ${launch.cwd} does not exist; create it or correct mcp.cwd`, {
      cause: error,
    });
  }
  switch (error.code) {
    case "ENOENT":
      return new StartRefusal(`cannot start: the command ${name} was not found; install it, or correct mcp.command`, {
        cause: error,
      });
    case "EACCES":
      return new StartRefusal(
        `cannot start: the command ${name} may not be executed; make the file executable, or correct mcp.command`,
        { cause: error },
      );
    default:
      return new Error(`cannot start: the command ${name} could not be started (${error.code ?? error.message})`, {
        cause: error,
      });
  }
}
