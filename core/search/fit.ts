import type { SearchIndex } from "./index.ts";
import type { ParsedQuery, QueryWord } from "./query.ts";
import { weights } from "./weights.ts";
import { readWord } from "./words.ts";

/**
 * Whether a query fits its best document at all, and the words of the query that say that it does not. What tells is not how many of its
 * words are there, because most that are missing are names and data, but how the object of the request stands, and the service that it names.
 * The signs are added with their weights: a logistic regression.
 */
export function fitOf(index: SearchIndex, query: ParsedQuery, value: number, best: number) {
  const { verb, object } = headOf(query.text);
  const services = servicesIn(query.text);
  const signs = signsOf(index, query, { value, best, verb, object, services });
  const evidence = signNames.reduce((sum, name) => sum + weights.fit[name] * Number(signs[name]), weights.fitAlways);
  // The word that all tools have is worth nothing, and yet it is all that was asked for.
  const isWhole = query.missing.length === 0 && signs.sameWords === query.words.length;
  const isWeak = evidence < 0 && !isWhole;
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

interface Fitted {
  value: number;
  best: number;
  verb: string | undefined;
  object: string | undefined;
  services: ReadonlySet<string>;
}

function signsOf(index: SearchIndex, query: ParsedQuery, { value, best, verb, object, services }: Fitted): Signs {
  const about = [best, index.servers[index.document(best).server]?.documents[0]];
  /** How much of a word the best document or its server has: 1 of the word itself, less of a synonym or of what it hints at. */
  const shareOf = ({ ways }: QueryWord) =>
    ways.flat().reduce((most, { posting, share }) => {
      return share > most && posting.places.some((place) => about.includes(place >> 8)) ? share : most;
    }, 0);
  const shares = new Map(query.words.map((word) => [word.word.text, shareOf(word)]));
  const ofObject = object === undefined ? undefined : shares.get(object);
  const ofVerb = object === undefined || verb === undefined ? undefined : shares.get(verb);
  return {
    score: Math.sqrt(value / index.rarity(0)),
    sameWords: [...shares.values()].filter((share) => share === 1).length,
    objectUnknown: object !== undefined && query.missing.includes(object),
    objectAbsent: ofObject === 0,
    objectFound: ofObject !== undefined && ofObject > 0,
    verbHinted: ofVerb !== undefined && ofVerb > 0 && ofVerb <= weights.spelling,
    serviceAbsent: [...services].some((name) => shares.get(name) === 0),
  };
}

const namings = [
  // "Sign it with DocuSign", but "merge it on Monday".
  /\b(?:with|using|via|through|on)\s+(?:the\s+)?(\p{Lu}[\p{L}\p{N}]*)/gu,
  // "The Zendesk ticket".
  /\b(?:an?|the|my|our|this|last|new)\s+(\p{Lu}[\p{L}\p{N}]*)\s+\p{Ll}/gu,
  /\b(\p{Lu}\p{L}*\p{Ll}\p{Lu}\p{L}*)/gu,
];
const dates = /day$|^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;

/** The names of what a request shall be done with. Other names in it are arguments of the calls. */
function servicesIn(query: string): Set<string> {
  const names = namings.flatMap((naming) =>
    [...withoutQuotes(query).matchAll(naming)].map(([, name = ""]) => name.toLowerCase()),
  );
  return new Set(names.filter((name) => !dates.test(name)));
}

const adverbs = /^(?:today|tonight|tomorrow|yesterday|again|\p{Ll}+ly)$/u;
const polite = /^\s*(?:(?:please|(?:can|could|would|will) you|(?:i|we)(?:'d| would)? (?:want|need|like) to|let's|help me)\s+)*/i;

/** The verb that a request begins with, and the noun that it shall be done to: "renew" and "passport" in "renew my passport for the trip". */
function headOf(query: string): { verb: string | undefined; object: string | undefined } {
  const tokens =
    withoutQuotes(query)
      .replace(polite, "")
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const isStop = (token: string | undefined) => token !== undefined && readWord(token.toLowerCase()).isStop;
  const [verb] = tokens;
  if (verb === undefined || isStop(verb)) return { verb: undefined, object: undefined };
  let start = 1;
  while (isStop(tokens[start])) start += 1;
  let end = start;
  while (end < tokens.length && !isStop(tokens[end])) end += 1;
  if (end > start + 1 && adverbs.test(tokens[end - 1] ?? "")) end -= 1;
  const noun = tokens[end - 1];
  // A name is an argument, but "VPN" is none.
  const isNoun = end > start && noun !== undefined && (!/^\p{Lu}/u.test(noun) || /^\p{Lu}{2,}$/u.test(noun));
  return { verb: verb.toLowerCase(), object: isNoun ? noun.toLowerCase() : undefined };
}

function withoutQuotes(query: string): string {
  return query.replace(/["“][^"”]*["”]/g, " it ");
}
