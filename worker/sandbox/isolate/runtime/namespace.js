/*
 * What files of the program export: names that are read where the variable lives, so that they stay live, also where files
 * import each other in a circle.
 */

import { defineProperty, hasOwn, keys } from "./intrinsics.js";
import { append, newList } from "./methods.js";

/**
 * @returns {() => { namespace: object, exports: (getters: object, stars: object[]) => void }} one file's namespace, and the
 * function that its factory begins by telling what it exports
 */
export function createNamespaces() {
  /** Which namespaces repeat all of which: a file in a circle may know its names only later. */
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
