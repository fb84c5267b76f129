import type { SearchIndex } from "./index.ts";
import type { ParsedQuery } from "./query.ts";
import type { Scores } from "./score.ts";
import { weights } from "./weights.ts";
import { readWord } from "./words.ts";

/**
 * Whether the best document is so far from a query that nothing fits, and the words of the query that say so. That a word is in no
 * description says little by itself: most are names and data. It says much of a service that shall be used, and of the object of the request.
 */
export function fitOf(index: SearchIndex, query: ParsedQuery, { fits, values, whole }: Scores, best: number) {
  const share = (values[best] ?? 0) / whole;
  const object = objectOf(query.text);
  const asked = query.words.find(({ word }) => word.text === object);
  const { server } = index.document(best);
  const about = [best, index.servers[server]?.documents[0]];
  const isAbout = asked?.terms.some(({ posting }) => posting.places.some((place) => about.includes(place >> 8))) ?? true;
  const isOnlyServer = index.document(best).tool === undefined && (index.servers[server]?.tools.length ?? 0) > 0;
  const isWeak =
    (fits[best] ?? 0) < weights.fit || (!isAbout && share < weights.absentObject) || (isOnlyServer && share < weights.onlyServer);
  const services = servicesIn(query.text);
  const isTelling = (word: string) => services.has(word) || (word === object && share < weights.unknownObject);
  return { isWeak, unknown: isWeak ? query.unknown : query.unknown.filter(isTelling) };
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

/** What a request that begins with its verb wants to be done something to: "passport" in "renew my passport for the trip". */
function objectOf(query: string): string | undefined {
  const tokens = withoutQuotes(query).match(/[\p{L}\p{N}]+/gu) ?? [];
  const isStop = (token: string | undefined) => token !== undefined && readWord(token.toLowerCase()).isStop;
  const verb = tokens[0]?.toLowerCase() === "please" ? 1 : 0;
  if (isStop(tokens[verb])) return undefined;
  let start = verb + 1;
  while (isStop(tokens[start])) start += 1;
  let end = start;
  while (end < tokens.length && !isStop(tokens[end])) end += 1;
  const noun = tokens[end - 1];
  // A name is an argument.
  return end > start && noun !== undefined && !/^\p{Lu}/u.test(noun) ? noun.toLowerCase() : undefined;
}

function withoutQuotes(query: string): string {
  return query.replace(/["“][^"”]*["”]/g, " it ");
}
