/*
 * Evaluates the user's files in dependency order. All other modules that they import are loaded before any of the files runs, so
 * that the program cannot affect how these modules initialize.
 */

import { hasOwn, keys, NativeError } from "./intrinsics.js";
import { createNamespaces } from "./namespace.js";
import { withoutNodeGlobals } from "./node-globals.js";
import * as runtime from "./runtime.js";

/**
 * @param {Record<string, Record<string, string>>} links for each user file: specifier → module
 * @param {(number: number) => void} pass the guard against programs that compute too long
 * @returns {Promise<(entry: string) => Promise<{ exports: object, returned: unknown }>>} runs the program once
 */
export async function createLinker(links, pass) {
  const files = { __proto__: null };
  const runtimeModules = { __proto__: null };
  for (const file of keys(links)) {
    files[file] = { __proto__: null, ...links[file] };
    for (const target of Object.values(links[file])) {
      if (!hasOwn(links, target)) runtimeModules[target] ??= await loadRuntimeModule(target);
    }
  }
  withoutNodeGlobals();

  const evaluated = { __proto__: null };
  const createNamespace = createNamespaces();

  /** In a circular import, a file that is still being evaluated is returned as it is. */
  function evaluate(file) {
    if (evaluated[file] === undefined) {
      const { namespace, exports } = createNamespace();
      const entry = { __proto__: null, exports: namespace, finished: undefined };
      evaluated[file] = entry;
      entry.finished = run(file, { __proto__: null, namespace, exports });
    }
    return evaluated[file];
  }

  async function run(file, { namespace, exports }) {
    const required = { __proto__: null };
    for (const specifier in files[file]) {
      const target = files[file][specifier];
      if (target in runtimeModules) {
        required[specifier] = runtimeModules[target];
        continue;
      }
      const isInProgress = target in evaluated;
      const imported = evaluate(target);
      if (!isInProgress) await imported.finished;
      required[specifier] = imported.exports;
    }
    const { default: factory } = await load(`../${file}`);
    const require = (specifier) => {
      if (specifier in required) return required[specifier];
      throw new NativeError(`"${specifier}" is not linked.`);
    };
    const returned = await factory(require, exports, pass);
    return { __proto__: null, exports: namespace, returned };
  }

  const start = (entry) => evaluate(entry).finished;
  return start;
}

async function loadRuntimeModule(target) {
  if (target === "runtime") {
    const { setUp: _setUp, ...members } = runtime;
    return { __esModule: true, ...members };
  }
  const module = await load(target.startsWith("node:") ? target : `../${target}`);
  return module.$client ?? { __esModule: true, ...module };
}

/** The specifier is a variable, so that the bundler does not try to resolve it. */
function load(specifier) {
  return import(specifier);
}
