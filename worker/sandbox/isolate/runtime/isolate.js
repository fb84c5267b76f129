/*
 * The isolate's entrypoint, for main.js and first.js: evaluates the user's files in dependency order and reports how the program ended.
 *
 * User files arrive as modules that export `async (require, exports, guard, start) => …` (see core/program/compile.ts). They are evaluated here,
 * inside the request, where clocks, timers and tool calls work.
 */

import { WorkerEntrypoint } from "cloudflare:workers";
import { installConsole } from "./console.js";
import { createGuard } from "./guard.js";
import { inert, isError, NativePromise, parse, stringify, toText } from "./intrinsics.js";
import { createLines } from "./lines.js";
import { createLinker } from "./linker.js";
import { slice } from "./methods.js";
import { explainNoNetwork } from "./no-network.js";
import { OverBound } from "./over-bound.js";
import { toJson } from "./result.js";
import { createRunTime } from "./run-time.js";
import * as runtime from "./runtime.js";
import { callsEnded, charsExchanged, connect, hasCalled, openToolCalls, sendPrinted } from "./shim.js";
import { startTimer, stopTimer } from "./timers.js";
import { toolErrorDetails } from "./tool-error.js";

explainNoNetwork();

/**
 * @param {object} parts.files for programs that import the module runtime
 * @param {Function} parts.becomeReplayable for programs with `determinism`
 * @param {object} parts.again for isolates that are kept
 */
export function isolateWith({ files, becomeReplayable, again }) {
  return class Isolate extends WorkerEntrypoint {
    /**
     * @returns {Promise<string>} a SandboxReport of core/run/sandbox.ts as JSON: nothing that a program has done to the prototypes
     * changes a text on its way out. Empty if the isolate is kept and does not run the program again
     */
    run(caller, input) {
      if (input.kept && !again.begin()) return "";
      return runProgram(caller, input, { files, becomeReplayable, again, ctx: this.ctx });
    }
  };
}

async function runProgram(
  caller,
  { entry, links, isTraceless, argsJson, timeoutMs, cpuMs, bounds, kept, determinism },
  { files, becomeReplayable, again, ctx },
) {
  const time = createRunTime(timeoutMs);
  const ending = createEnding(time);
  const guard = createGuard({
    cpuMs,
    wallMs: timeoutMs,
    deadline: time.deadline,
    isTraceless,
    onSpent: (spent) => ending.stop(endOf(spent, bounds.error)),
  });
  const clock = determinism && becomeReplayable(determinism);
  connect(caller, bounds, { onAnswer: guard.woken, onLongCall: time.refresh, onTime: clock?.moveTo });
  const lines = createLines(bounds.logs, sendPrinted);
  installConsole(lines, bounds.logs);
  runtime.setUp(parse(argsJson) ?? undefined, bounds);
  const onLoaded = (modules) => kept && again.ready(modules, kept);
  await first(evaluateProgram({ entry, links, files, onLoaded, bounds, guard, ending }), ending.isTimeUp);
  const unawaited = openToolCalls();
  // Calls that the program did not wait for are given the rest of its time: what they do should be known.
  await first(callsEnded(), ending.isTimeUp);
  await first(lines.delivered(), ending.isTimeUp);
  ending.close();
  guard.close();
  if (kept) {
    const isLight = charsExchanged() <= kept.chars && guard.computedMs() <= kept.computedMs;
    ctx.waitUntil(again.end(ending.isReturned() && isLight));
  }
  return stringify(inert({ outcome: ending.outcome(), unawaited, ...lines.end() }));
}

/**
 * How the program ends, told by whoever sees it first. No promise carries it: a program can change what promises hand over, and
 * then only hurries or delays its own end.
 */
function createEnding(time) {
  let timer;
  let timeIsUp;
  let told;
  let stopped;
  const tell = (outcome) => {
    told ??= outcome;
  };
  const isTimeUp = new NativePromise((resolve) => {
    timeIsUp = resolve;
    timer = startTimer(onTimer, time.leftMs());
  });
  /** The run's time may have stood still during a call; without one it passed as it does here. */
  async function onTimer() {
    if (hasCalled()) await time.refresh();
    const ms = time.leftMs();
    if (ms > 0) {
      timer = startTimer(onTimer, ms);
      return;
    }
    tell(timedOut());
    timeIsUp();
  }
  return {
    __proto__: null,
    isTimeUp,
    tell,
    /** The guard stopped the program. It counts whatever the program made of being stopped. */
    stop(outcome) {
      stopped = outcome;
      timeIsUp();
    },
    /** It returned a value, and was not stopped. */
    isReturned: () => stopped === undefined && told?.kind === "returned",
    outcome: () => stopped ?? told ?? threw("The program changed what promises do, and nobody saw its end."),
    close: () => stopTimer(timer),
  };
}

function endOf({ isWall, stack }, { stackChars }) {
  return isWall ? timedOut() : { __proto__: null, kind: "cpu_exceeded", stack: slice(stack, -stackChars) };
}

const timedOut = () => ({ __proto__: null, kind: "timed_out" });

/** Resolves when one of them has. Promise.race asks the promises' prototype how to wait. */
function first(one, other) {
  return new NativePromise((resolve) => {
    handOn(one, resolve);
    handOn(other, resolve);
  });
}

async function handOn(promise, resolve) {
  await promise;
  resolve();
}

async function evaluateProgram({ entry, links, files, onLoaded, bounds, guard, ending }) {
  try {
    const start = await createLinker(links, { files, pass: guard.pass, onLoaded });
    const { exports, returned } = await start(entry);
    const value = returned === undefined ? await settle(exports.default) : returned;
    const json = await toJson(value, { name: "result", ...bounds.result });
    ending.tell({
      __proto__: null,
      kind: "returned",
      resultJson: json === undefined ? undefined : toText(json),
      ...(typeof value === "function" && { isCode: true }),
    });
  } catch (error) {
    ending.tell(describeError(error, bounds.error));
  }
}

/** A default export that is a function is called with args; anything else is the result, awaited. */
function settle(exported) {
  return typeof exported === "function" ? exported(runtime.args) : exported;
}

/** Reads an error that a program made, which may lie or throw when looked at. */
function describeError(error, bounds) {
  try {
    if (error instanceof OverBound) return error.report;
    const details = toolErrorDetails(error);
    if (!isError(error)) return bounded(threw(`The program threw ${stringify(error) ?? toText(error)}`), bounds);
    const message = details || error.name === "Error" ? toText(error.message) : `${error.name}: ${error.message}`;
    return bounded(threw(message, { __proto__: null, stack: toText(error.stack ?? ""), ...details }), bounds);
  } catch {
    return threw("The program threw a value that cannot be read.");
  }
}

/** A message of a hundred megabytes would not get out. Frames stand at a stack's end. */
function bounded(outcome, { messageChars, stackChars }) {
  return {
    __proto__: null,
    ...outcome,
    message: withoutMiddle(outcome.message, messageChars),
    stack: slice(outcome.stack, -stackChars),
  };
}

/** What went wrong stands at the end of a traceback or of a command's output, and at the start of most other messages. */
function withoutMiddle(text, chars) {
  if (text.length <= chars) return text;
  const mark = `\n… ${text.length} characters in all …\n`;
  const end = (chars - mark.length) >> 1;
  return `${slice(text, 0, chars - 1 - mark.length - end)}${mark}${slice(text, -end)}`;
}

function threw(message, details) {
  return { __proto__: null, kind: "threw", code: "uncaught_exception", message, stack: "", ...details };
}
