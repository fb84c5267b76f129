import { fingerprint } from "../json.ts";
import type { Store } from "../store.ts";
import type { ServerEntry } from "./registry.ts";

/*
 * A session stores what it knows of a server under `<kind>/<id>/<fingerprint>`. The fingerprint is of how the server is reached, so
 * that an entry that points elsewhere is another server. It is a hash because headers and variables may hold secrets, and keys show
 * in every dump of the storage.
 */

/** Storage keys begin with these: docs/storage.md. */
const kinds = ["catalogue", "observed", "pin"] as const;

export function serverKey(kind: (typeof kinds)[number], { id, mcp }: ServerEntry): string {
  return `${kind}/${id}/${fingerprint(mcp)}`;
}

/** Removes what is stored of all other servers: those whose entries are gone or point elsewhere. */
export function keepOnly(servers: readonly ServerEntry[], store: Store): void {
  for (const kind of kinds) {
    const known = new Set(servers.map((server) => serverKey(kind, server)));
    for (const key of store.keys(`${kind}/`)) {
      // After the fingerprint follows the tool's name, which may have slashes.
      if (!known.has(key.split("/", 3).join("/"))) store.remove(key);
    }
  }
}
