import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Helped } from "../search/find.ts";
import { likeness, wordsOfWish } from "../search/likeness.ts";
import type { Store } from "../store.ts";
import { discoveryLimits } from "./discovery-limits.ts";

/*
 * What helped is learnt: a tool that a list showed for a wish, and that was then called with success, comes a little higher for similar
 * wishes. It is kept with the session, whose store no other principal reaches, and read for this alone.
 */

/** Words of a wish, a tool that was called after it, how often, and when last, in milliseconds since the epoch. */
const Kept = z.object({
  words: z.array(z.string()),
  server: z.string(),
  tool: z.string(),
  count: z.number(),
  at: z.number(),
});
type Kept = z.infer<typeof Kept>;

/** A wish that was just answered, and the tools that were shown and not called yet, as `server/tool`. */
const Asked = z.object({ words: z.array(z.string()), shown: z.array(z.string()), at: z.number() });
type Asked = z.infer<typeof Asked>;

export interface SearchMemory {
  /** A list has shown these tools for these wishes. */
  listed(wishes: readonly string[], shown: readonly ShownTools[]): void;
  /** These tools were called, and answered without an error. */
  called(calls: readonly { server: string; tool: string }[]): void;
  /** The tools that helped with similar wishes, by `pathOf`. */
  helpedWith(wish: string): Helped;
  /** What is kept, last used first. */
  all(): Kept[];
  /** Forgets all of it. Returns how much it was. */
  forget(): number;
}

interface ShownTools {
  id: string;
  tools?: readonly { name: string }[];
}

const keptKey = "search/helped";
const askedKey = "search/asked";

export function createSearchMemory({ store, clock }: { store: Store; clock: Clock }): SearchMemory {
  const { wishMs, wishesMax, wishToolsMax, helpedMs } = discoveryLimits;

  function all(): Kept[] {
    const read = z.array(Kept).safeParse(store.read(keptKey));
    return (read.data ?? []).filter(({ at }) => clock.now() - at <= helpedMs);
  }

  function asked(): Asked[] {
    const read = z.array(Asked).safeParse(store.read(askedKey));
    return (read.data ?? []).filter(({ at }) => clock.now() - at <= wishMs);
  }

  return {
    listed(wishes, servers) {
      const shown = servers.flatMap(({ id, tools = [] }) => tools.map(({ name }) => pathOf(id, name))).slice(0, wishToolsMax);
      const now = wishes
        .map((wish) => ({ words: wordsOfWish(wish), shown, at: clock.now() }))
        .filter(({ words }) => words.length > 0);
      if (now.length === 0 || shown.length === 0) return;
      store.write(askedKey, [...now, ...asked()].slice(0, wishesMax));
    },
    called(calls) {
      const recent = asked();
      const helpful = recent.flatMap(({ words, shown }) =>
        calls.filter(({ server, tool }) => shown.includes(pathOf(server, tool))).map((call) => ({ ...call, words })),
      );
      if (helpful.length === 0) return;
      const paths = new Set(helpful.map(({ server, tool }) => pathOf(server, tool)));
      // Once for each wish: a program that calls it a thousand times proves no more.
      store.write(
        askedKey,
        recent.map((wish) => ({ ...wish, shown: wish.shown.filter((path) => !paths.has(path)) })),
      );
      store.write(keptKey, bounded(helpful.reduce((kept, call) => withOne(kept, call, clock.now()), all())));
    },
    helpedWith: (wish) => helpfulIn(all(), wordsOfWish(wish)),
    all,
    forget() {
      const { length } = all();
      store.remove(keptKey);
      store.remove(askedKey);
      return length;
    },
  };
}

/** Wishes that share less than half of their words are not similar. */
const likeMin = 0.5;
/** What helped so often helps no more for every further time. */
const countMax = 3;

function helpfulIn(kept: readonly Kept[], words: readonly string[]): Helped {
  const helped = new Map<string, { share: number; words: string[] }>();
  for (const { server, tool, count, words: before } of kept) {
    const { share, common } = likeness(words, before);
    const worth = share < likeMin ? 0 : (share * Math.min(count, countMax)) / countMax;
    const path = pathOf(server, tool);
    if (worth > (helped.get(path)?.share ?? 0)) helped.set(path, { share: worth, words: common });
  }
  return helped;
}

function bounded(kept: readonly Kept[]): Kept[] {
  let chars = 0;
  const over = kept.findIndex((entry) => {
    chars += JSON.stringify(entry).length + 1;
    return chars > discoveryLimits.helpedCharsMax;
  });
  return kept.slice(0, Math.min(over === -1 ? kept.length : over, discoveryLimits.helpedMax));
}

/** Moves what was already kept to the front. */
function withOne(kept: readonly Kept[], { server, tool, words }: Omit<Kept, "count" | "at">, at: number): Kept[] {
  const isSame = (other: Kept) => other.server === server && other.tool === tool && other.words.join(" ") === words.join(" ");
  const count = (kept.find(isSame)?.count ?? 0) + 1;
  return [{ words, server, tool, count, at }, ...kept.filter((other) => !isSame(other))];
}

/** The name of a tool among those of all servers. */
function pathOf(server: string, tool: string): string {
  return `${server}/${tool}`;
}
