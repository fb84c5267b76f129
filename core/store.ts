/**
 * What a session keeps between runs and conversations. Synchronous, because a run's bookkeeping must not interleave
 * with another's; Durable Object SQLite storage is. Values are JSON data; an unknown key reads as undefined. A write is durable before its run is answered.
 */
export interface Store {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
  remove(key: string): void;
  /** Keys that start with `prefix`, in ascending order. */
  keys(prefix: string): string[];
  /** Size of the values under those keys, as UTF-8 JSON; found without reading them. */
  bytes(prefix: string): number;
}
