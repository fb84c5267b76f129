import { charsOf, type SavedSource, type SavedSummary } from "./definition.ts";
import type { LibraryPort } from "./library-port.ts";
import { savedLimits } from "./saved-limits.ts";

/** The sources of the saved programs that a session has called last. */
export function createKeptSources(library: Pick<LibraryPort, "get">) {
  const kept = new Map<string, SavedSource>();
  let chars = 0;

  function keep(key: string, source: SavedSource): void {
    kept.set(key, source);
    chars += lengthOf(source);
    for (const [oldest, old] of kept) {
      if (chars <= savedLimits.sourcesKeptCharsMax) break;
      kept.delete(oldest);
      chars -= lengthOf(old);
    }
  }

  return {
    /** The source at exactly that revision; undefined if the program is gone. */
    async get({
      name,
      revision,
      updatedAt,
    }: Pick<SavedSummary, "name" | "revision" | "updatedAt">): Promise<SavedSource | undefined> {
      const key = `${name} ${revision} ${updatedAt}`;
      const known = kept.get(key);
      if (known) return known;
      const found = await library.get(name, revision);
      if (found) keep(key, found.source);
      return found?.source;
    },
  };
}

function lengthOf({ code = "", files = {} }: SavedSource): number {
  return code.length + charsOf(files);
}
