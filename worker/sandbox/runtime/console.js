/*
 * The program's console: lines are kept apart from the result, bounded in number and size, and handed over when the
 * program ends. Nothing printed can look like a result or as if another had printed it.
 */

const levels = ["debug", "log", "info", "warn", "error"];

/**
 * Replaces the global console.
 * @param {{ lines: number, lineChars: number, chars: number }} bounds
 * @returns {{ lines: { level: string, message: string }[], dropped: number }} filled in as the program prints
 */
export function captureConsole(bounds) {
  const captured = { lines: [], dropped: 0 };
  let chars = 0;

  function print(level, values) {
    if (captured.lines.length >= bounds.lines || chars >= bounds.chars) {
      captured.dropped += 1;
      return;
    }
    const message = values.map(format).join(" ");
    const kept = message.length > bounds.lineChars ? `${message.slice(0, bounds.lineChars)}…` : message;
    chars += kept.length;
    captured.lines.push({ level, message: kept });
  }

  const replacement = {};
  for (const level of levels) replacement[level] = (...values) => print(level, values);
  replacement.trace = replacement.debug;
  replacement.dir = replacement.log;
  replacement.table = replacement.log;
  replacement.assert = (condition, ...values) => {
    if (!condition) print("error", ["Assertion failed:", ...values]);
  };
  for (const ignored of ["group", "groupEnd", "groupCollapsed", "time", "timeEnd", "timeLog", "count", "countReset", "clear"]) {
    replacement[ignored] = () => {};
  }
  globalThis.console = replacement;
  return captured;
}

/** One printed value. Never throws: what cannot be shown is said to be so. */
function format(value) {
  if (typeof value === "string") return value;
  try {
    if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
    if (typeof value === "object" && value !== null) return JSON.stringify(value, readable()) ?? String(value);
    return typeof value === "bigint" ? `${value}n` : String(value);
  } catch {
    return "[a value that cannot be shown]";
  }
}

/** Shows what JSON has no form for, and a value that contains itself. */
function readable() {
  const parents = [];
  return function (_key, value) {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `[function ${value.name}]`;
    if (typeof value === "symbol") return String(value);
    if (value instanceof Map) return { Map: [...value] };
    if (value instanceof Set) return { Set: [...value] };
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value !== "object" || value === null) return value;
    while (parents.length > 0 && parents.at(-1) !== this) parents.pop();
    if (parents.includes(value)) return "[circular]";
    parents.push(value);
    return value;
  };
}
