import { headOf } from "./head.ts";
import type { SearchIndex } from "./index.ts";
import type { ParsedQuery, QueryWord } from "./query.ts";
import { weights } from "./weights.ts";

const signNames = Object.keys(weights.fit) as (keyof typeof weights.fit)[];

/**
 * Whether a query fits its best document at all, and the words of the query that say that it does not. What tells is not how many of its
 * words are there, because most that are missing are names and data, but how its head stands: the object of the request, and the service that
 * it names. The signs are added with their weights: a logistic regression.
 */
export function fitOf(index: SearchIndex, query: ParsedQuery, { value, best }: { value: number; best: number }) {
  const { object = "", services } = headOf(query.text);
  const about = [best, index.servers[index.document(best).server]?.documents[0]];
  /** How much of a word the best document or its server has: 1 of the word itself, less of a synonym or of what it hints at. */
  const shareOf = ({ ways }: QueryWord) => {
    const found = ways.flat().filter(({ posting }) => posting.places.some((place) => about.includes(place >> 8)));
    return Math.max(0, ...found.map(({ share }) => share));
  };
  const shares = new Map(query.words.map((word) => [word.word.text, shareOf(word)]));
  const signs = {
    score: Math.sqrt(value / index.rarity(0)),
    found: [...shares.values()].filter((share) => share > 0).length,
    objectUnknown: Number(query.unknown.includes(object)),
    objectAbsent: Number(shares.get(object) === 0),
    objectFound: Number((shares.get(object) ?? 0) > 0),
    serviceAbsent: Number([...services].some((name) => shares.get(name) === 0)),
  };
  const evidence = signNames.reduce((sum, name) => sum + weights.fit[name] * signs[name], weights.fitAlways);
  // The word that all tools have is worth nothing, and yet it is all that was asked for.
  const isWhole = query.unknown.length === 0 && [...shares.values()].every((share) => share === 1);
  const isWeak = evidence < 0 && !isWhole;
  // Of a request with an object, other words that are unknown are mostly fillers; and some come from idioms.
  const isTelling = (word: string) => isWeak && query.text.toLowerCase().includes(word) && (object === "" || word === object);
  return { isWeak, unknown: query.unknown.filter((word) => services.has(word) || isTelling(word)) };
}
