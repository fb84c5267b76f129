import type { Store } from "../store.ts";
import { valuePrefix } from "./session-values.ts";

/** Where the values of saved programs are, each under its name. docs/storage.md. */
const savedPrefix = "saved-value/";

/**
 * The store as a saved program sees it: its values are its own, so that neither it nor its callers see those of the other. All saved
 * programs of a session together may store as much as the programs that clients send.
 */
export function valuesApart(store: Store, name: string): Store {
  const own = `${savedPrefix}${name}/`;
  const moved = (key: string) => (key.startsWith(valuePrefix) ? own + key.slice(valuePrefix.length) : key);
  return {
    read: (key) => store.read(moved(key)),
    write: (key, value) => store.write(moved(key), value),
    readJson: (key) => store.readJson(moved(key)),
    writeJson: (key, json) => store.writeJson(moved(key), json),
    remove: (key) => store.remove(moved(key)),
    keys(prefix) {
      if (!prefix.startsWith(valuePrefix)) return store.keys(prefix);
      return store.keys(moved(prefix)).map((key) => valuePrefix + key.slice(own.length));
    },
    bytes: (prefix) => store.bytes(prefix === valuePrefix ? savedPrefix : moved(prefix)),
  };
}
