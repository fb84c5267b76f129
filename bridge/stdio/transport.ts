import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type JSONRPCMessage, parseJSONRPCMessage, serializeMessage, type Transport } from "@modelcontextprotocol/client";
import { isRecord } from "../../core/json.ts";
import { limits } from "../../core/limits.ts";
import { writeIntegers } from "../../core/mcp/integers.ts";
import { repaired } from "../../core/mcp/lenient-messages.ts";
import { OpenRequests } from "../../core/mcp/lenient-results.ts";
import { type Redact, redactData } from "../../core/registry/redaction.ts";
import { unicodeEscapes } from "../../core/text.ts";
import { LastLines, type PrintedLines } from "./last-lines.ts";
import { createLineSplitter, readInTurns } from "./line-splitter.ts";
import { isWhole, MessageLines } from "./message-lines.ts";
import { describeExit, type Ending, exitOf, type Launch, spawnGroup, stopGroup } from "./process-group.ts";
import { StartRefusal } from "./start-refusal.ts";
import { stdioLimits } from "./stdio-limits.ts";

/** How long the pipes are read after the leader has exited. A grandchild may hold them open and must not delay the close. */
const drainMs = 100;

/** After this long without more output, an unfinished line that is a whole message is read: some servers do not end their lines. */
const quietMs = 50;

/**
 * MCP over the stdin and stdout of a process (spec: basic/transports, stdio). Used instead of the SDK's own transport, which
 * knows one process and not its group, and keeps none of the process's output.
 *
 * The SDK recognises a stdio transport by its members `pid` and `stderr`, and uses longer timeouts for it.
 */
export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport["onmessage"];

  readonly #launch: Launch;
  readonly #redact: Redact;
  readonly #lines = new MessageLines();
  readonly #printed = new LastLines();
  readonly #requests = new OpenRequests();
  #child: ChildProcessWithoutNullStreams | undefined;
  #ending: Ending | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** @param redact removes the server's secrets from everything that it sends and prints */
  constructor(launch: Launch, redact: Redact = (text) => text) {
    this.#launch = launch;
    this.#redact = redact;
  }

  /** The process id of the leader, which is also the id of the group. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The first and last lines of output that are not MCP messages, ready to be appended to an error message. */
  get stderr(): string {
    return this.#printed.toMessage();
  }

  /** The same, line by line. */
  get printed(): PrintedLines {
    return this.#printed.lines;
  }

  /** How the process ended by itself, or why it was ended; reads after "it". Undefined while it runs and when `close` ended it. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Resolves when the process runs. Rejects with the command and the next step when it cannot be started. */
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
    if (!stdin?.writable) return Promise.reject(new Error("the process accepts no more input"));
    this.#requests.sent(message);
    return new Promise((resolve, reject) => {
      stdin.write(asLine(message), (error) => {
        if (!error) return resolve();
        // The process's exit explains a broken pipe better. Reported first, it settles the request.
        setTimeout(() => reject(error), 2 * drainMs);
      });
    });
  }

  /** Closes stdin, then ends the whole group. May be called at any time and repeatedly. Resolves when all processes have ended. */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    // Pending requests fail now, not only after the process has ended.
    this.#reportClosed();
    if (!this.#child) return;
    this.#child.stdin.end();
    // Closing its stdin asks a server to exit (spec: basic/lifecycle, shutdown); some save their state then.
    await Promise.race([exitOf(this.#child), delay(stdioLimits.inputEndMs)]);
    await stopGroup(this.#child);
    // A grandchild outside the group may hold the pipes open, and our ends would then keep this process alive.
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
      onLine: (line, isCut) => (isCut ? this.#endForLength() : this.#receive(line)),
    });
    const stderr = createLineSplitter({
      // Longer than the part that is kept, so that a secret at its end is still whole when it is redacted.
      lineCharsMax: 2 * stdioLimits.stderrLineCharsMax,
      onLine: (line) => this.#printed.add(this.#redact(line)),
    });
    const timer = setTimeout(() => stdout.flush(isWhole), quietMs).unref();
    void readInTurns(child.stdout, stdout, () => timer.refresh()).finally(() => clearTimeout(timer));
    void readInTurns(child.stderr, stderr);
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      // The exit that broke a pipe reports it. Without a listener, the "error" event would crash the bridge.
      stream.on("error", (error) => this.onerror?.(error));
    }
  }

  #receive(line: string): void {
    if (this.#isClosed || line.trim() === "") return;
    const redacted = this.#redact(line);
    const messages = this.#found(line).flatMap((received) => this.#read(received, redacted === line) ?? []);
    // Banners and stray prints on stdout are common. They are kept because they may explain a failure later.
    if (messages.length === 0) this.#printed.add(`(stdout) ${redacted}`);
    for (const { message, isWanted } of messages) {
      if (!isWanted) continue;
      if ("method" in message) this.#passOn(message);
      // The SDK handles a notification in a later microtask, but an answer at once. A progress notification that arrives in the same
      // chunk as its answer would be lost, so answers wait for one turn of the event loop.
      else setImmediate(() => this.#passOn(message));
    }
  }

  /** Whatever the SDK makes of a message, an exception would end this process, and all other servers with it. */
  #passOn(message: JSONRPCMessage): void {
    try {
      this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** What the server has sent, or the failure of the request whose answer cannot be read. */
  #found(line: string): unknown[] {
    const found = this.#lines.add(line);
    if (found.kind === "messages" && found.messages.length > 0) return found.messages;
    const failure = found.kind === "unread" ? this.#requests.unread(found.text) : this.#requests.unreadable(line);
    return failure === undefined ? [] : [failure];
  }

  /** Undefined for what is not a JSON-RPC message, even after its known deviations are repaired. */
  #read(received: unknown, isHarmless: boolean): { message: JSONRPCMessage; isWanted: boolean } | undefined {
    try {
      const answer = this.#requests.addressed(repaired(isHarmless ? received : redactData(received, this.#redact)));
      const message = parsedWithoutResult(answer);
      return { message, isWanted: this.#requests.received(message) };
    } catch {
      // It is printed text that happens to be JSON.
      return undefined;
    }
  }

  #endForLength(): void {
    const text = `sent a message longer than ${limits.stdioMessageCharsMax} characters and was ended`;
    this.#ending = { isClean: false, text };
    void this.close();
  }
}

/** The schema would copy a result of half a million members, one by one, and checks nothing of it. */
function parsedWithoutResult(answer: unknown): JSONRPCMessage {
  if (!isRecord(answer) || !isRecord(answer.result)) return parseJSONRPCMessage(answer);
  return { ...parseJSONRPCMessage({ ...answer, result: {} }), result: answer.result } as JSONRPCMessage;
}

/** Some servers read lines with a library that ends them at the line separators of Unicode too, which JSON may contain. */
function asLine(message: JSONRPCMessage): string {
  return writeIntegers(serializeMessage(message)).replace(/[\u0085\u2028\u2029]/g, unicodeEscapes);
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
