import type { Tool } from "../mcp/tool.ts";
import { exposedTools } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { Store } from "../store.ts";
import { isSameList, ToolListing, withNames } from "./tool-listing.ts";

/** Each server's listing as it was last fetched, in the session's store and read from it once. */
export class KeptListings {
  readonly #store: Store;
  readonly #read = new Map<string, ToolListing | undefined>();
  #version = 0;

  readonly #onListed: (server: ServerEntry, tools: readonly Tool[]) => void;

  constructor(store: Store, onListed: (server: ServerEntry, tools: readonly Tool[]) => void = () => {}) {
    this.#store = store;
    this.#onListed = onListed;
  }

  /** Grows whenever a listing changes. */
  get version(): number {
    return this.#version;
  }

  /** The listing with the tools that the server's registry entry hides. */
  whole(server: ServerEntry): ToolListing | undefined {
    if (!this.#read.has(server.id)) {
      const stored = ToolListing.safeParse(this.#store.read(serverKey("catalogue", server)));
      this.#read.set(server.id, stored.success ? stored.data : undefined);
    }
    return this.#read.get(server.id);
  }

  /** The listing without them. */
  exposed(server: ServerEntry): ToolListing | undefined {
    const listing = this.whole(server);
    return listing && exposing(server, listing);
  }

  /** Replaces the listing. Returns the new one without the tools that the entry hides. */
  keep(server: ServerEntry, { tools, fetchedAt }: { tools: readonly Tool[]; fetchedAt: number }): ToolListing {
    const before = this.whole(server)?.tools;
    const listing: ToolListing = { tools: withNames(tools, before), fetchedAt };
    this.#read.set(server.id, listing);
    this.#store.write(serverKey("catalogue", server), listing);
    this.#onListed(server, listing.tools);
    if (before === undefined || !isSameList(before, listing.tools)) this.#version += 1;
    return exposing(server, listing);
  }
}

function exposing(server: ServerEntry, listing: ToolListing): ToolListing {
  return { ...listing, tools: exposedTools(server, listing.tools) };
}
