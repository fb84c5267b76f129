import type { Clock } from "../clock.ts";
import type { RunFiles } from "../files/file-calls.ts";
import { fileLimits } from "../files/file-limits.ts";
import type { FileStore } from "../files/file-store.ts";
import { sessionWorkspace, Workspaces } from "../files/workspaces.ts";
import type { Account, Holdings } from "../policy/account.ts";
import { SessionHoldings } from "../policy/session-holdings.ts";
import type { Store } from "../store.ts";
import { Sandboxes } from "./sandboxes.ts";

interface SessionFilesParts {
  store: FileStore;
  /** Of the session's values, in which those of its sandboxes have a place. */
  values: Store;
  account: Pick<Account, "hold">;
  session: string;
  clock: Clock;
  newId: () => string;
  /** When `removeExpired` is to be called next. */
  onExpiry: (at: number) => void;
  /** Goes on by itself. Must not reject. */
  inBackground: (work: Promise<void>) => void;
}

/** The files that a session keeps, for its programs and for its sandboxes. */
export interface SessionFiles {
  files: RunFiles;
  sandboxes: Sandboxes;
  /** Removes what nobody has used for a while. */
  removeExpired(): void;
  /** The session was deleted. Never rejects. */
  end(): Promise<void>;
}

export function createSessionFiles(parts: SessionFilesParts): SessionFiles {
  const { store, values, account, session, clock, newId, onExpiry, inBackground } = parts;
  const workspaces = new Workspaces({
    ...{ store, clock },
    onExpiry(at) {
      onExpiry(at);
      holdings.used();
    },
  });
  const measure = (): Holdings => ({
    fileBytes: workspaces.bytes(),
    sandboxes: sandboxes.count(),
    until: Math.max(clock.now() + fileLimits.idleMs, ...workspaces.all().map(({ expiresAt }) => expiresAt)),
  });
  const holdings = new SessionHoldings({ account, session, measure, inBackground });
  const sandboxes = new Sandboxes({ workspaces, store: values, holdings, newId });
  return {
    files: { workspaces, mounts: { own: sessionWorkspace }, quota: holdings },
    sandboxes,
    removeExpired() {
      sandboxes.forget(workspaces.removeExpired());
      holdings.report();
    },
    end: () => holdings.end(),
  };
}
