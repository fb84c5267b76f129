/*
 * Removes the globals that Node compatibility adds, for a program that imports a Node module. The modules do not need them, and
 * `process` gives access to every other Node module.
 */

const added = [
  "process",
  "global",
  "Buffer",
  "setImmediate",
  "clearImmediate",
  "Performance",
  "PerformanceEntry",
  "PerformanceMark",
  "PerformanceMeasure",
  "PerformanceResourceTiming",
  "PerformanceObserver",
  "PerformanceObserverEntryList",
];

/** Leaves only the globals of an isolate without Node compatibility. */
export function withoutNodeGlobals() {
  // Node's modules keep a reference to `process`. Its dangerous members are removed too, in case a module exposes it.
  if (typeof process === "object") for (const name of ["getBuiltinModule", "env", "exit"]) delete process[name];
  for (const name of added) {
    for (let scope = globalThis; scope !== null; scope = Object.getPrototypeOf(scope)) delete scope[name];
  }
}
