import { readWord } from "./words.ts";

/** What a request asks for at its core: "passport" in "renew my passport for the trip". */
interface Head {
  /** Undefined where it does not begin with its verb, or its object is a name. */
  object: string | undefined;
  /** The names of what it shall be done with. Other names in it are arguments of the calls. */
  services: ReadonlySet<string>;
}

export function headOf(query: string): Head {
  const text = withoutQuotes(query);
  const tokens = text.replace(polite, "").match(/[\p{L}\p{N}]+/gu) ?? [];
  const isStop = (token: string | undefined) => token !== undefined && readWord(token.toLowerCase()).isStop;
  const services = servicesIn(text);
  if (tokens.length === 0 || isStop(tokens[0])) return { object: undefined, services };
  let start = 1;
  while (isStop(tokens[start])) start += 1;
  let end = start;
  while (end < tokens.length && !isStop(tokens[end])) end += 1;
  const noun = end > start ? tokens[end - 1] : undefined;
  // A name is an argument, but "VPN" is none.
  const isName = noun === undefined || (/^\p{Lu}/u.test(noun) && !/^\p{Lu}{2,}$/u.test(noun)) || days.test(noun);
  return { object: isName ? undefined : noun.toLowerCase(), services };
}

const polite = /^\s*(?:(?:please|(?:can|could|would|will) you|(?:i|we)(?:'d| would)? (?:want|need|like) to|let's|help me)\s+)*/i;
const days = /^(?:today|tonight|tomorrow|yesterday)$/;

const namings = [
  // "Sign it with DocuSign", but "merge it on Monday".
  /\b(?:with|using|via|through|on)\s+(?:the\s+)?(\p{Lu}[\p{L}\p{N}]*)/gu,
  // "The Zendesk ticket".
  /\b(?:an?|the|my|our|this|last|new)\s+(\p{Lu}[\p{L}\p{N}]*)\s+\p{Ll}/gu,
  /\b(\p{Lu}\p{L}*\p{Ll}\p{Lu}\p{L}*)/gu,
];
const dates = /day$|^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;

function servicesIn(text: string): Set<string> {
  const names = namings.flatMap((naming) => [...text.matchAll(naming)].map(([, name = ""]) => name.toLowerCase()));
  return new Set(names.filter((name) => !dates.test(name)));
}

function withoutQuotes(query: string): string {
  return query.replace(/["“][^"”]*["”]/g, " it ");
}
