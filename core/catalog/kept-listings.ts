import type { Clock } from "../clock.ts";
import type { Tool } from "../mcp/tool.ts";
import { exposedTools } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { Store } from "../store.ts";
import { inTurns } from "../turns.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { isSameList, ToolListing, withNames } from "./tool-listing.ts";

interface KeptListingsParts {
  store: Store;
  clock: Clock;
  /** Hears of each tool that is listed, and then of the listing, with the tools that the entry hides. */
  onTool?: ((server: ServerEntry, tool: Tool) => void) | undefined;
  onListed?: ((server: ServerEntry, tools: readonly Tool[]) => void) | undefined;
}

/** Each server's listing as it was last fetched, in the session's store and read from it once. */
export class KeptListings {
  readonly #parts: KeptListingsParts;
  readonly #read = new Map<string, ToolListing | undefined>();
  #version = 0;

  constructor(parts: KeptListingsParts) {
    this.#parts = parts;
  }

  /** Grows whenever a listing changes. */
  get version(): number {
    return this.#version;
  }

  /** The listing with the tools that the server's registry entry hides. */
  whole(server: ServerEntry): ToolListing | undefined {
    if (!this.#read.has(server.id)) this.#load(server);
    return this.#read.get(server.id);
  }

  /** Reads what is stored of these servers in short turns: after a session was evicted, its next request needs all of it. */
  async readAll(servers: readonly ServerEntry[]): Promise<void> {
    if (servers.every(({ id }) => this.#read.has(id))) return;
    await inTurns(this.#loadAll(servers), this.#parts.clock);
  }

  *#loadAll(servers: readonly ServerEntry[]): Generator<number, void> {
    for (const server of servers) if (!this.#read.has(server.id)) yield this.#load(server) / charsPerCost;
  }

  /** Returns the length of what was read. */
  #load(server: ServerEntry): number {
    const json = this.#parts.store.readJson(serverKey("catalogue", server));
    const stored = ToolListing.safeParse(json === undefined ? undefined : JSON.parse(json));
    this.#read.set(server.id, stored.success ? stored.data : undefined);
    return json?.length ?? 0;
  }

  /** The listing without them. */
  exposed(server: ServerEntry): ToolListing | undefined {
    const listing = this.whole(server);
    return listing && exposing(server, listing);
  }

  /** Replaces the listing, in short turns: a server may list megabytes. Returns the new one without the tools that the entry hides. */
  async keep(server: ServerEntry, { tools, fetchedAt }: { tools: readonly Tool[]; fetchedAt: number }): Promise<ToolListing> {
    const before = this.whole(server)?.tools;
    const listing: ToolListing = { tools: withNames(tools, before), fetchedAt };
    await inTurns(this.#lookAt(server, listing.tools, before ?? []), this.#parts.clock);
    this.#read.set(server.id, listing);
    this.#parts.store.write(serverKey("catalogue", server), listing);
    if (before === undefined || !isSameList(before, listing.tools)) this.#version += 1;
    return exposing(server, listing);
  }

  /** Computes what is remembered of each tool, so that comparing the lists is quick. */
  *#lookAt(server: ServerEntry, tools: readonly Tool[], before: readonly Tool[]): Generator<number, void> {
    for (const tool of before) {
      fingerprintOf(tool);
      yield JSON.stringify(tool).length / charsHashedPerCost;
    }
    let chars = 0;
    for (const tool of tools) {
      fingerprintOf(tool);
      this.#parts.onTool?.(server, tool);
      const { length } = JSON.stringify(tool);
      chars += length;
      yield length / charsHashedPerCost;
    }
    this.#parts.onListed?.(server, tools);
    yield chars / charsPerCost;
  }
}

/** Characters of JSON that are parsed or written, or put in order and hashed, while one word is read. */
const charsPerCost = 50;
const charsHashedPerCost = 10;

function exposing(server: ServerEntry, listing: ToolListing): ToolListing {
  return { ...listing, tools: exposedTools(server, listing.tools) };
}
