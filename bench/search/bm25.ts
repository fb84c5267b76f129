import { discoveryLimits } from "../../core/discovery/discovery-limits.ts";
import type { Catalog } from "./catalogs.ts";
import type { Finder } from "./ours.ts";

/** Plain BM25 over names and descriptions, in twenty lines: what any ranking made by hand has to be better than. */
export function createBm25(catalogs: ReadonlyMap<string, Catalog>): Finder {
  const documents = [...catalogs].flatMap(([id, { tools }]) =>
    tools.map(({ name, description = "" }) => ({ id, path: `${id}/${name}`, words: wordsOf(`${id} ${name} ${description}`) })),
  );
  const average = documents.reduce((sum, { words }) => sum + words.length, 0) / documents.length;
  const spread = new Map<string, number>();
  for (const { words } of documents) for (const word of new Set(words)) spread.set(word, (spread.get(word) ?? 0) + 1);
  return async (query) => {
    const scored = documents.map(({ id, path, words }) => {
      const value = [...new Set(wordsOf(query))].reduce((sum, word) => {
        const count = words.filter((other) => other === word).length;
        const among = spread.get(word) ?? 0;
        const rarity = Math.log(1 + (documents.length - among + 0.5) / (among + 0.5));
        return sum + (rarity * count * (k1 + 1)) / (count + k1 * (1 - b + (b * words.length) / average));
      }, 0);
      return { id, path, value };
    });
    const best = scored.filter(({ value }) => value > 0).sort((x, y) => y.value - x.value);
    return {
      servers: [...new Set(best.map(({ id }) => id))],
      tools: best.slice(0, discoveryLimits.listTools).map(({ path }) => path),
    };
  };
}

const k1 = 1.2;
const b = 0.75;

function wordsOf(text: string): string[] {
  const words = text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return (words.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/(?:ing|es|ed|s)$/, ""));
}
