import { z } from "zod";
import { isUsedLately } from "../../../core/mcp/state-loss.ts";
import type { Store } from "../../../core/store.ts";

const Seen = z.object({
  /** The bridge process that last served it. */
  instance: z.string(),
  /** How often that process has reported that the tools changed. */
  toolsChanges: z.number(),
  /** The bridge process on which it was last called, which therefore may hold its state. */
  calledOn: z.string().optional(),
  /** When it was last called there, to the minute, in milliseconds since the epoch. */
  calledAt: z.number().optional(),
});
type Seen = z.infer<typeof Seen>;

const History = z.record(z.string(), Seen);

const storeKey = "bridge-servers";
const noteAgainMs = 60_000;

/** What this session last knew of each stdio server, stored. Changes while the session object was evicted are found by comparison. */
export class ServerHistory {
  readonly #store: Store;
  #seen: Map<string, Seen> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @returns `told`: servers whose process reported changed tools since the last note; `moved`: those that another process serves now */
  note(servers: Iterable<{ id: string; instance: string; toolsChanges: number }>): { told: string[]; moved: string[] } {
    const seen = this.#load();
    const told: string[] = [];
    const moved: string[] = [];
    for (const { id, instance, toolsChanges } of servers) {
      const before = seen.get(id);
      if (before?.instance === instance && before.toolsChanges === toolsChanges) continue;
      seen.set(id, { ...before, instance, toolsChanges });
      (before?.instance === instance ? told : moved).push(id);
    }
    if (told.length + moved.length > 0) this.#save();
    return { told, moved };
  }

  /** The server is called on that bridge process, which may hold state for it from now on. */
  called(id: string, instance: string, now: number): void {
    const seen = this.#load().get(id);
    if (seen === undefined) return;
    const isStored = seen.calledOn === instance && now - (seen.calledAt ?? 0) < noteAgainMs;
    if (!isStored) this.#write(id, { ...seen, calledOn: instance, calledAt: now });
  }

  /** Whether the server's state was on another process and so is lost, and was used lately. True once per loss. */
  takeLoss(id: string, instance: string, now: number): boolean {
    const seen = this.#load().get(id);
    if (seen?.calledOn === undefined || seen.calledOn === instance) return false;
    const { calledOn: _lost, calledAt = 0, ...rest } = seen;
    this.#write(id, rest);
    return isUsedLately(calledAt, now);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    const seen = this.#load();
    const gone = [...seen.keys()].filter((id) => !ids.has(id));
    for (const id of gone) seen.delete(id);
    if (gone.length > 0) this.#save();
  }

  #write(id: string, seen: Seen): void {
    this.#load().set(id, seen);
    this.#save();
  }

  #save(): void {
    this.#store.write(storeKey, Object.fromEntries(this.#load()));
  }

  #load(): Map<string, Seen> {
    if (this.#seen) return this.#seen;
    const stored = History.safeParse(this.#store.read(storeKey));
    this.#seen = new Map(Object.entries(stored.success ? stored.data : {}));
    return this.#seen;
  }
}
