import type { HeldByOthers, Holdings } from "./account.ts";
import { policyLimits } from "./policy-limits.ts";

/** What each session of a principal keeps, by the session's name. */
export interface HoldingsStore {
  write(session: string, holdings: Holdings): void;
  remove(session: string): void;
  all(): Iterable<[string, Holdings]>;
}

/** What the sessions of a principal keep in files and sandboxes: one true sum for all of them. */
export class AccountHoldings {
  readonly #store: HoldingsStore;

  constructor(store: HoldingsStore) {
    this.#store = store;
  }

  /** Of a session that does not come back, what it kept counts until it has gone by itself. */
  hold(session: string, wanted: Holdings, now: number): HeldByOthers | undefined {
    const before = { fileBytes: 0, sandboxes: 0 };
    const others = { fileBytes: 0, sandboxes: 0 };
    for (const [name, { fileBytes, sandboxes, until }] of [...this.#store.all()]) {
      if (until <= now) {
        this.#store.remove(name);
        continue;
      }
      const sum = name === session ? before : others;
      sum.fileBytes += fileBytes;
      sum.sandboxes += sandboxes;
    }
    for (const kind of ["fileBytes", "sandboxes"] as const) {
      if (wanted[kind] > before[kind] && wanted[kind] + others[kind] > most[kind]) return { of: kind, held: others[kind] };
    }
    if (wanted.fileBytes === 0 && wanted.sandboxes === 0) this.#store.remove(session);
    else this.#store.write(session, wanted);
    return undefined;
  }
}

const most = { fileBytes: policyLimits.fileBytesMax, sandboxes: policyLimits.sandboxesMax };

export function memoryHoldings(): HoldingsStore {
  const holdings = new Map<string, Holdings>();
  return {
    write: (session, kept) => void holdings.set(session, kept),
    remove: (session) => void holdings.delete(session),
    all: () => holdings,
  };
}
