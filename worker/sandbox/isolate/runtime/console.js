/*
 * The program's console. Its lines are reported apart from the result, so that a line cannot pass for a result or for a line of
 * a server.
 */

import { format, framesOf } from "./format.js";
import { isSafeInteger, NativeError } from "./intrinsics.js";
import { messageOf } from "./message.js";
import { joinList, min, repeat, splitText } from "./methods.js";
import { showTable } from "./table.js";
import { cut } from "./words.js";

const now = Date.now.bind(Date);

const groupsMax = 10;
const labelChars = 100;
/** Every level indents all levels below it, in code that no guard stops. */
const dirDepthMax = 50;

/**
 * Replaces the global console.
 * @param {ReturnType<typeof import("./lines.js").createLines>} lines
 * @param {{ lineChars: number }} bounds
 */
export function installConsole(lines, { lineChars }) {
  const counts = { __proto__: null };
  const startTimes = { __proto__: null };
  let groups = 0;

  /** @param {() => string} write formats the line; not called if the line would be dropped */
  function print(level, write) {
    if (!lines.hasRoom()) return lines.drop();
    const margin = repeat("  ", groups);
    lines.add(level, groups === 0 ? write() : margin + joinList(splitText(cut(write(), lineChars), "\n"), `\n${margin}`));
  }

  const printer =
    (level) =>
    (...values) =>
      print(level, () => messageOf(values, lineChars));
  const elapsed = (label) => `${label}: ${now() - startTimes[label]} ms`;
  const noTimer = (label) => print("warn", () => `There is no timer "${label}".`);
  const openGroup = (...values) => {
    if (values.length > 0) print("log", () => messageOf(values, lineChars));
    if (groups < groupsMax) groups += 1;
  };

  globalThis.console = {
    debug: printer("debug"),
    log: printer("log"),
    info: printer("info"),
    warn: printer("warn"),
    error: printer("error"),
    dirxml: printer("log"),
    dir(value, options) {
      const depth = isSafeInteger(options?.depth) ? { depth: min(options.depth, dirDepthMax) } : {};
      print("log", () => format(value, { chars: lineChars, ...depth }));
    },
    table: (rows) => print("log", () => showTable(rows, lineChars)),
    trace(...values) {
      print(
        "debug",
        () => `Trace${values.length > 0 ? `: ${messageOf(values, lineChars)}` : ""}${framesOf(new NativeError().stack)}`,
      );
    },
    assert(condition, ...values) {
      if (condition) return;
      print("error", () => `Assertion failed${values.length > 0 ? `: ${messageOf(values, lineChars)}` : ""}`);
    },
    group: openGroup,
    groupCollapsed: openGroup,
    groupEnd() {
      if (groups > 0) groups -= 1;
    },
    count(name) {
      const label = labelOf(name);
      counts[label] = (counts[label] ?? 0) + 1;
      print("log", () => `${label}: ${counts[label]}`);
    },
    countReset(name) {
      counts[labelOf(name)] = 0;
    },
    time(name) {
      startTimes[labelOf(name)] ??= now();
    },
    timeLog(name, ...values) {
      const label = labelOf(name);
      if (startTimes[label] === undefined) return noTimer(label);
      print("log", () => elapsed(label) + (values.length > 0 ? ` ${messageOf(values, lineChars)}` : ""));
    },
    timeEnd(name) {
      const label = labelOf(name);
      if (startTimes[label] === undefined) return noTimer(label);
      print("log", () => elapsed(label));
      startTimes[label] = undefined;
    },
    // Without effect here. They exist so that code that calls them runs.
    clear() {},
    timeStamp() {},
    profile() {},
    profileEnd() {},
  };
}

function labelOf(name) {
  return name === undefined ? "default" : cut(typeof name === "string" ? name : format(name, { chars: labelChars }), labelChars);
}
