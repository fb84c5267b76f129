import type { Tool } from "../mcp/tool.ts";
import type { SavedSource, SavedSummary } from "./definition.ts";
import { driftOf, type KnownServers } from "./pins.ts";
import type { Programs } from "./programs.ts";
import { savedLimits } from "./saved-limits.ts";
import { whyStale } from "./saved-server.ts";

interface DriftParts {
  programs: () => Programs;
  sourceOf: (tool: SavedSummary) => Promise<SavedSource | undefined>;
}

/** Whether saved programs still fit the tools that they use. Only those whose tools changed are read again, once for each change. */
export function createDrift({ programs, sourceOf }: DriftParts) {
  /** By program and revision: the change that was looked at, and what is wrong since. */
  const verdicts = new Map<string, { drift: string; stale: string | undefined }>();

  async function check(tool: SavedSummary): Promise<string | undefined> {
    const source = await sourceOf(tool);
    if (source === undefined) return undefined;
    const { name, allowedMcpIds } = tool;
    const reading = await programs().read({ name, source, allowedMcpIds }, { input: false, output: false }, { connects: false });
    return reading.kind === "refused" ? whyStale(tool, reading.errors, programs()) : undefined;
  }

  return {
    /** Reads again those whose tools have changed. Whether a verdict is another one than before. */
    async recheck(tools: readonly SavedSummary[]): Promise<boolean> {
      const servers = asTheyAre(programs());
      const drifted = tools.flatMap((tool) => {
        const drift = driftOf(tool.pins, servers);
        const known = verdicts.get(keyOf(tool));
        return drift === known?.drift ? [] : [{ tool, drift, before: known?.stale }];
      });
      let hasChanged = false;
      for (const { tool, drift, before } of drifted.slice(0, savedLimits.recheckedMax)) {
        try {
          const stale = drift === undefined ? undefined : await check(tool);
          if (drift === undefined) verdicts.delete(keyOf(tool));
          else verdicts.set(keyOf(tool), { drift, stale });
          hasChanged ||= stale !== before;
        } catch {
          // It cannot be read now, because a server is away. It is looked at again next time, and a call says why.
        }
      }
      const known = new Set(tools.map(keyOf));
      for (const key of verdicts.keys()) if (!known.has(key)) verdicts.delete(key);
      return hasChanged;
    },
    verdictOn(tool: SavedSummary): { stale: string } | undefined {
      const stale = verdicts.get(keyOf(tool))?.stale;
      return stale === undefined ? undefined : { stale };
    },
  };
}

/** Many programs use the same few servers. */
function asTheyAre({ hasServer, knownTools }: KnownServers): KnownServers {
  const known = new Map<string, readonly Tool[] | undefined>();
  return {
    hasServer,
    knownTools(id) {
      if (!known.has(id)) known.set(id, knownTools(id));
      return known.get(id);
    },
  };
}

function keyOf({ name, revision, updatedAt }: SavedSummary): string {
  return `${name} ${revision} ${updatedAt}`;
}
