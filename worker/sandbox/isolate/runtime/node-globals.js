/*
 * What Node compatibility puts into the global scope of an isolate whose program imports a standard module. The modules
 * need none of it, and `process` leads to every other module of Node.
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

/** Leaves the globals that an isolate without Node's modules has. */
export function withoutNodeGlobals() {
  // Node's modules keep hold of `process`: what it leads to goes too, in case one of them lets it out.
  if (typeof process === "object") for (const name of ["getBuiltinModule", "env", "exit"]) delete process[name];
  for (const name of added) {
    for (let scope = globalThis; scope !== null; scope = Object.getPrototypeOf(scope)) delete scope[name];
  }
}
