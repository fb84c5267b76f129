import type { SearchIndex } from "./index.ts";
import type { ParsedQuery, QueryWord } from "./query.ts";
import { weights } from "./weights.ts";

/**
 * Whether a query fits its best document at all, and the words of the query that say that it does not. What tells is not how many of its
 * words are there, because most that are missing are names and data, but how its head stands: the object of the request, and the service that
 * it names. The signs are added with their weights: a logistic regression.
 */
export function fitOf(index: SearchIndex, query: ParsedQuery, value: number, best: number) {
  const signs = signsOf(index, query, value, best);
  const evidence = signNames.reduce((sum, name) => sum + weights.fit[name] * Number(signs[name]), weights.fitAlways);
  // The word that all tools have is worth nothing, and yet it is all that was asked for.
  const isWhole = query.missing.length === 0 && signs.sameWords === query.words.length;
  const isWeak = evidence < 0 && !isWhole;
  const { verb, object, services } = query.head;
  return { isWeak, unknown: query.unknown.filter((word) => services.has(word) || (isWeak && isTelling(word))) };

  /** Of a request with an object, other words that are unknown are mostly fillers; and some come from idioms. */
  function isTelling(word: string): boolean {
    const isName = !query.missing.includes(word);
    const isHead = object === undefined || word === object || word === verb;
    return (isName || isHead) && query.text.toLowerCase().includes(word);
  }
}

type Signs = Record<keyof typeof weights.fit, boolean | number>;
const signNames = Object.keys(weights.fit) as (keyof typeof weights.fit)[];

function signsOf(index: SearchIndex, query: ParsedQuery, value: number, best: number): Signs {
  const about = [best, index.servers[index.document(best).server]?.documents[0]];
  /** How much of a word the best document or its server has: 1 of the word itself, less of a synonym or of what it hints at. */
  const shareOf = ({ ways }: QueryWord) => {
    const found = ways.flat().filter(({ posting }) => posting.places.some((place) => about.includes(place >> 8)));
    return Math.max(0, ...found.map(({ share }) => share));
  };
  const shares = new Map(query.words.map((word) => [word.word.text, shareOf(word)]));
  const { verb = "", object = "", services } = query.head;
  const ofVerb = object === "" ? 0 : (shares.get(verb) ?? 0);
  return {
    score: Math.sqrt(value / index.rarity(0)),
    // By a server's texts alone: they say less, and score less.
    ofServer: index.document(best).tool === undefined,
    sameWords: [...shares.values()].filter((share) => share === 1).length,
    objectUnknown: query.missing.includes(object),
    objectAbsent: shares.get(object) === 0,
    objectFound: (shares.get(object) ?? 0) > 0,
    verbHinted: ofVerb > 0 && ofVerb <= weights.spelling,
    serviceAbsent: [...services].some((name) => shares.get(name) === 0),
  };
}
