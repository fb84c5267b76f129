import { z } from "zod";
import { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { Store } from "../store.ts";
import { policyLimits } from "./policy-limits.ts";

/** The part of a tool that a server tells and a model reads: what was accepted is accepted with every word of it. */
export const PinnedTool = Tool.pick({
  name: true,
  title: true,
  description: true,
  inputSchema: true,
  outputSchema: true,
  annotations: true,
});
export type PinnedTool = z.infer<typeof PinnedTool>;

const Pin = z.object({ sha256: z.string(), tool: PinnedTool });
export type Pin = z.infer<typeof Pin>;
const StoredPins = z.record(z.string(), Pin);
type StoredPins = z.infer<typeof StoredPins>;

interface Kept {
  pins: StoredPins;
  count: number;
  /** The length of their JSON. */
  chars: number;
}

/** The pins of each server, in the session's store and read from it once. None is ever forgotten while its entry stands. */
export class KeptPins {
  readonly #store: Store;
  readonly #read = new Map<string, Kept>();

  constructor(store: Store) {
    this.#store = store;
  }

  find(server: ServerEntry, tool: Tool): Pin | undefined {
    const { pins } = this.#of(server);
    return Object.hasOwn(pins, tool.name) ? pins[tool.name] : undefined;
  }

  keep(server: ServerEntry, added: readonly Pin[]): void {
    if (added.length === 0) return;
    const key = serverKey("pin", server);
    const pins = { ...this.#of(server).pins, ...Object.fromEntries(added.map((pin) => [pin.tool.name, pin])) };
    const json = JSON.stringify(pins);
    this.#remember(key, pins, json);
    this.#store.writeJson(key, json);
  }

  /** Those of these tools for which there is room: a server may list others each time. */
  fitting(server: ServerEntry, tools: readonly Tool[]): Tool[] {
    const { count, chars } = this.#of(server);
    let room = policyLimits.pinnedCharsMax - chars;
    const fits = tools.filter((tool) => {
      const needed = JSON.stringify(tool).length + marksChars;
      if (needed > room) return false;
      room -= needed;
      return true;
    });
    return fits.slice(0, Math.max(policyLimits.pinnedToolsMax - count, 0));
  }

  #of(server: ServerEntry): Kept {
    const key = serverKey("pin", server);
    const before = this.#read.get(key);
    if (before) return before;
    const json = this.#store.readJson(key) ?? "{}";
    return this.#remember(key, StoredPins.safeParse(JSON.parse(json)).data ?? {}, json);
  }

  #remember(key: string, pins: StoredPins, json: string): Kept {
    const kept = { pins, count: Object.keys(pins).length, chars: json.length };
    this.#read.set(key, kept);
    return kept;
  }
}

/** What the JSON of a pin has besides its tool: its name and its SHA-256. */
const marksChars = 400;
