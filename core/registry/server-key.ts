import { fingerprint } from "../json.ts";
import type { Store } from "../store.ts";
import type { ServerEntry } from "./registry.ts";

/*
 * What a session keeps of its servers stands under `<kind>/<id>/<way>`, where the last is a mark of how the server is reached: one
 * that moved is another server. A mark and not the entry itself, because headers and variables may hold secrets, and a key
 * is read by whoever reads a dump.
 */

const kinds = ["catalogue", "observed"] as const;

export function serverKey(kind: (typeof kinds)[number], { id, mcp }: ServerEntry): string {
  return `${kind}/${id}/${fingerprint(mcp)}`;
}

/** Removes what is kept of servers that are not these: of entries that are gone, or that moved. */
export function keepOnly(servers: readonly ServerEntry[], store: Store): void {
  for (const kind of kinds) {
    const known = new Set(servers.map((server) => serverKey(kind, server)));
    for (const key of store.keys(`${kind}/`)) {
      // What follows the mark is the tool's name, slashes included.
      if (!known.has(key.split("/", 3).join("/"))) store.remove(key);
    }
  }
}
