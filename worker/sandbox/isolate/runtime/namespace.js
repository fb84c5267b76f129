/*
 * Export namespaces of the program's files. Exports are getters of the exported variables, so that bindings are live, even in
 * circular imports.
 */

import { defineProperty, hasOwn, keys } from "./intrinsics.js";
import { append, newList } from "./methods.js";

/**
 * @returns {() => { namespace: object, exports: (getters: object, stars: object[]) => void }} creates the namespace of a file,
 * and the function with which the file's factory declares its exports
 */
export function createNamespaces() {
  /** The `export * from` relations. They are kept because a file in a circular import may declare its names later. */
  const stars = newList();

  function define(namespace, name, get) {
    if (hasOwn(namespace, name)) return;
    defineProperty(namespace, name, { __proto__: null, get, enumerable: true });
    for (let index = 0; index < stars.length; index++) {
      const { from, to } = stars[index];
      if (from === namespace) repeat(from, to, name);
    }
  }

  function repeat(from, to, name) {
    if (name !== "default") define(to, name, () => from[name]);
  }

  return () => {
    const namespace = { __proto__: null };
    return {
      __proto__: null,
      namespace,
      exports(getters, repeated) {
        for (const name in getters) define(namespace, name, getters[name]);
        for (let index = 0; index < repeated.length; index++) {
          const from = repeated[index];
          append(stars, { __proto__: null, from, to: namespace });
          const names = keys(from);
          for (let at = 0; at < names.length; at++) repeat(from, namespace, names[at]);
        }
      },
    };
  };
}
