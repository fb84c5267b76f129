import { type Store, storeOfTexts } from "../store.ts";

const valuesOf = (id: string) => `sandbox/${id}/`;

/**
 * The store of one sandbox session: values that its programs set are kept apart from those of the session that it belongs to. Large results are
 * held only until the caller has them.
 */
export function sandboxStore(store: Store, id: string): Store {
  const prefix = valuesOf(id);
  const results = new Map<string, string>();
  const isResult = (key: string) => key.startsWith("result/");

  function readJson(key: string): string | undefined {
    return isResult(key) ? results.get(key) : store.readJson(prefix + key);
  }

  function writeJson(key: string, json: string): void {
    if (isResult(key)) results.set(key, json);
    else store.writeJson(prefix + key, json);
  }

  return storeOfTexts({
    readJson,
    writeJson,
    remove(key) {
      if (isResult(key)) results.delete(key);
      else store.remove(prefix + key);
    },
    keys: (start) =>
      isResult(start) ? [...results.keys()].sort() : store.keys(prefix + start).map((key) => key.slice(prefix.length)),
    bytes: (start) => (isResult(start) ? 0 : store.bytes(prefix + start)),
  });
}

export function removeSandboxValues(store: Store, id: string): void {
  for (const key of store.keys(valuesOf(id))) store.remove(key);
}
