/*
 * Evaluates the user's files in dependency order. Everything of ours that they import is loaded before any of them runs, so
 * that none finds a module half made or built on something it has replaced.
 */

import { hasOwn, keys, NativeError } from "./intrinsics.js";
import { createNamespaces } from "./namespace.js";
import { withoutNodeGlobals } from "./node-globals.js";
import * as runtime from "./runtime.js";

/**
 * @param {Record<string, Record<string, string>>} links for each user file: specifier → module
 * @param {(number: number) => void} pass what stops a program that computes too long
 * @returns {Promise<(entry: string) => Promise<{ exports: object, returned: unknown }>>} runs the program once
 */
export async function createLinker(links, pass) {
  const files = { __proto__: null };
  const ours = { __proto__: null };
  for (const file of keys(links)) {
    files[file] = { __proto__: null, ...links[file] };
    for (const target of Object.values(links[file])) {
      if (!hasOwn(links, target)) ours[target] ??= await loadOurs(target);
    }
  }
  withoutNodeGlobals();

  const evaluated = { __proto__: null };
  const createNamespace = createNamespaces();

  /** A file that is already being evaluated is given as far as it is. */
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
      if (target in ours) {
        required[specifier] = ours[target];
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

async function loadOurs(target) {
  if (target === "runtime") {
    const { setUp: _setUp, ...members } = runtime;
    return { __esModule: true, ...members };
  }
  const module = await load(target.startsWith("node:") ? target : `../${target}`);
  return module.$client ?? { __esModule: true, ...module };
}

/** Named by a variable, or the bundler would look for the module where this file lies. */
function load(specifier) {
  return import(specifier);
}
