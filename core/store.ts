/**
 * The storage of a session, kept between runs and conversations. Synchronous, so that the bookkeeping of two runs cannot
 * interleave; the SQLite storage of Durable Objects is synchronous too. Values are JSON data; an unknown key reads as undefined.
 * Writes are durable before the run is answered.
 */
export interface Store {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
  /** The JSON text of a value: unread, because it may be megabytes. */
  readJson(key: string): string | undefined;
  /** Stores JSON text, which is not read. Whoever reads the value finds out if it was none. */
  writeJson(key: string, json: string): void;
  remove(key: string): void;
  /** Keys that start with `prefix`, in ascending order. */
  keys(prefix: string): string[];
  /** Size of the values under keys with `prefix`, as UTF-8 JSON; computed without reading them. */
  bytes(prefix: string): number;
}

/** A store of JSON texts. */
export function storeOfTexts(texts: Omit<Store, "read" | "write">): Store {
  return {
    ...texts,
    read(key) {
      const json = texts.readJson(key);
      return json === undefined ? undefined : JSON.parse(json);
    },
    write: (key, value) => texts.writeJson(key, JSON.stringify(value ?? null)),
  };
}
