/*
 * Evaluates the user's files as the language evaluates modules. All of them are instantiated first: in a circular import functions
 * can be called at once, and a variable that is read too early throws a ReferenceError. Then they run in dependency order. All
 * other modules that they import are loaded before any of the files runs, so that the program cannot affect how these initialize.
 */

import { hasOwn, keys, NativeError, NativePromise } from "./intrinsics.js";
import { createNamespaces } from "./namespace.js";
import { withoutNodeGlobals } from "./node-globals.js";
import * as runtime from "./runtime.js";

/**
 * @param {Record<string, Record<string, string>>} links for each user file: specifier → module
 * @param {object} options.files of the module runtime
 * @param {(number: number) => void} options.pass the guard against programs that compute too long
 * @param {(modules: object[]) => void} options.onLoaded gets the modules that the program imports, before any of its code runs
 * @returns {Promise<(entry: string) => Promise<{ exports: object, returned: unknown }>>} runs the program once
 */
export async function createLinker(links, { files: sessionFiles, pass, onLoaded }) {
  const files = { __proto__: null };
  const runtimeModules = { __proto__: null };
  for (const file of keys(links)) {
    files[file] = { __proto__: null, ...links[file] };
    for (const target of Object.values(links[file])) {
      if (!hasOwn(links, target)) runtimeModules[target] ??= await loadRuntimeModule(target, sessionFiles);
    }
  }
  withoutNodeGlobals();
  onLoaded(Object.values(runtimeModules));

  const createNamespace = createNamespaces();
  const modules = { __proto__: null };
  for (const file in files)
    modules[file] = { __proto__: null, ...createNamespace(), ...createGate(), returned: undefined, isStarted: false };
  for (const file in files) await instantiate(file);

  /** Runs a file up to its first statement: its functions and exports exist from then on, its variables do not. */
  async function instantiate(file) {
    const module = modules[file];
    const required = { __proto__: null };
    for (const specifier in files[file]) {
      const target = files[file][specifier];
      required[specifier] = target in runtimeModules ? runtimeModules[target] : modules[target].namespace;
    }
    const require = (specifier) => {
      if (specifier in required) return required[specifier];
      throw new NativeError(`"${specifier}" is not linked.`);
    };
    const { default: factory } = await load(`../${file}`);
    module.returned = factory(require, module.exports, pass, module.gate);
  }

  async function evaluate(file) {
    const module = modules[file];
    module.isStarted = true;
    for (const specifier in files[file]) {
      const target = files[file][specifier];
      // In a circular import, a file that is being evaluated is not waited for.
      if (target in modules && !modules[target].isStarted) await evaluate(target);
    }
    module.open();
    return { __proto__: null, exports: module.namespace, returned: await module.returned };
  }

  return evaluate;
}

/** A promise that a file waits for before its first statement. */
function createGate() {
  let open;
  const gate = new NativePromise((resolve) => {
    open = resolve;
  });
  return { __proto__: null, gate, open };
}

async function loadRuntimeModule(target, files) {
  if (target === "runtime") {
    const { setUp: _setUp, ...members } = runtime;
    return { ...members, files };
  }
  const module = await load(target.startsWith("node:") ? target : `../${target}`);
  return module.$client ?? { ...module };
}

/** The specifier is a variable, so that the bundler does not try to resolve it. */
function load(specifier) {
  return import(specifier);
}
