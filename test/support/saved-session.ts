import { createHash } from "node:crypto";
import { withBuiltIns } from "../../core/built-in/built-in-server.ts";
import type { Orchestrator } from "../../core/orchestrator.ts";
import type { ServerEntry } from "../../core/registry/registry.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import { Library } from "../../core/saved/library.ts";
import { answerLibrary, libraryOver } from "../../core/saved/library-port.ts";
import { createSavedTools, type SavedMode, type SavedTools } from "../../core/saved/saved-tools.ts";
import type { Store } from "../../core/store.ts";
import { FakeUpstream, ManualClock, memoryStore } from "./fakes.ts";
import { orchestratorOf } from "./session.ts";

export interface SavedSession {
  orchestrator: Orchestrator;
  saved: SavedTools;
  upstream: FakeUpstream;
  store: Store;
  /** Runs a program as a session object does. */
  run(input: object): Promise<Outcome>;
  /** Calls a tool of `dynamic` with these arguments. */
  dynamic(tool: string, args: object): Promise<Outcome>;
  list(input?: object): Promise<unknown>;
  describe(input: object): Promise<unknown>;
}

/** The library of one principal, in memory. */
export function memoryLibrary(store: Store = memoryStore()): Library {
  return new Library({ store, clock: new ManualClock() });
}

interface Parts {
  library?: Library;
  servers?: ServerEntry[];
  upstream?: FakeUpstream;
  mode?: SavedMode;
  scripts?: () => Record<string, string>;
}

/** A session with the servers `saved` and `dynamic`, on fakes and with a sandbox that executes programs. */
export function startSavedSession(parts: Parts = {}): SavedSession {
  const { library = memoryLibrary(), servers = [], upstream = new FakeUpstream(), mode = "on", scripts = () => ({}) } = parts;
  const store = memoryStore();
  const saved = createSavedTools({
    mode,
    library: libraryOver(async (request) => answerLibrary(library, request)),
    programs: () => orchestrator.programs,
    scripts,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    async onChanged() {
      for (const { entry } of saved.servers) await orchestrator.toolsChanged(entry.id);
    },
  });
  const orchestrator: Orchestrator = orchestratorOf({
    servers: [...servers, ...saved.servers.map(({ entry }) => entry)],
    upstream: withBuiltIns(upstream, saved.servers),
    store,
    clock: { now: Date.now, after: afterMs },
  });
  const run = async (input: object) => {
    await saved.syncFor(input);
    return orchestrator.execute(input, { signal: new AbortController().signal, onProgress: () => {} });
  };
  return {
    ...{ orchestrator, saved, upstream, store, run },
    dynamic: (tool, args) => run({ code: `return await dynamic.${tool}(args);`, args }),
    async list(input = {}) {
      await saved.sync();
      return orchestrator.listCapabilities(input);
    },
    async describe(input) {
      await saved.sync();
      return orchestrator.describe(input);
    },
  };
}

function afterMs(ms: number, wake: () => void): () => void {
  const timer = setTimeout(wake, ms);
  return () => clearTimeout(timer);
}
