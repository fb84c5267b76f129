import { isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfTool } from "./actions.ts";
import { weights } from "./weights.ts";
import { type Action, type Word, wordsOf, wordsOfProse } from "./words.ts";

/** A server or a tool as it is searched. */
export interface Document {
  /** The number of its server in the registry. */
  server: number;
  /** Undefined for the server itself. */
  tool: Tool | undefined;
  /** The number of words in its name without those of the server's name. */
  nameLength: number;
  action: Action | undefined;
  /** Whether it says that it is not to be called directly. */
  isDiscouraged: boolean;
}

/** A document as it is read. */
export interface Read {
  document: Document;
  /** How many words were read. */
  count: number;
  words: ReadonlySet<string>;
  /** For each term what it is worth in the texts, weighted, and the words of the name that have it, one bit each. */
  terms: ReadonlyMap<string, { worth: number; nameBits: number }>;
}

type Field = keyof typeof weights.fields;
type Texts = readonly (readonly [Field, text: string])[];

/** The owner's texts: the names are a short one, in which a word weighs more. */
export function readServer({ id, title, tags, domains, examples, summary }: ServerEntry, server: number): Read {
  const texts: Texts = [
    ["server", `${id} ${title}`],
    ["server", [...tags, ...domains, ...examples, summary].join(" ")],
  ];
  const document = { server, tool: undefined, nameLength: 0, action: undefined, isDiscouraged: false };
  return { document, ...termsOf(texts, []) };
}

/** @param shared stems that say nothing about a single tool of its server. The first sentence of a description says what the tool does. */
export function readTool(tool: Tool, shared: ReadonlySet<string>, server: number): Read {
  const said = (tool.description ?? "").slice(0, limits.searchedCharsMax);
  const first = said.slice(0, firstSentenceOf(said));
  const named = wordsOf(tool.name);
  const name = named.filter(({ isStop, stem }) => !isStop && !shared.has(stem)).slice(0, nameWordsMax);
  const texts: Texts = [
    ["name", named.map((word) => word.text).join(" ")],
    ["firstSentence", (tool.title ?? "").slice(0, limits.namedCharsMax)],
    ["firstSentence", first],
    ["otherSentences", said.slice(first.length)],
    ["parameters", parametersOf(tool.inputSchema).slice(0, 2 * limits.searchedCharsMax)],
  ];
  const document = {
    server,
    tool,
    nameLength: name.length,
    action: actionOfTool(named, wordsOf(first.slice(0, 60))),
    isDiscouraged: discouraging.test(said),
  };
  return { document, ...termsOf(texts, name) };
}

/** Words of a name that are recorded separately. */
const nameWordsMax = 8;

const discouraging =
  /\b(?:do not|don't|never|not be|should only be) (?:be )?(?:call|use|invok)\w* (?:this tool )?(?:directly|as part of)|\bsub[- ]tool\b|internal use only|\bdeprecated\b|^stale: /i;

/**
 * What each term is worth in all texts. Lengths are compared with usual ones, not with the average of the registered, which would change
 * every number with each added server.
 */
function termsOf(texts: Texts, name: readonly Word[]): Omit<Read, "document"> {
  const terms = new Map<string, { worth: number; nameBits: number }>();
  const said = new Set<string>();
  let count = 0;
  const add = (term: string, worth: number) => {
    const known = terms.get(term);
    if (known) known.worth += worth;
    else terms.set(term, { worth, nameBits: 0 });
  };
  for (const [field, text] of texts) {
    const { weight, usualChars } = weights.fields[field];
    const worth = weight / (1 - weights.lengthShare + (weights.lengthShare * text.length) / usualChars);
    const words = wordsOfProse(text);
    count += words.length;
    for (const word of words) {
      if (word.isStop) continue;
      said.add(word.text);
      add(word.stem, worth);
      for (const meaning of word.meanings) add(meaning, weights.documentMeaning * worth);
    }
  }
  for (const [at, { stem, meanings }] of name.entries()) {
    for (const term of [stem, ...meanings]) {
      const known = terms.get(term);
      if (known) known.nameBits |= 1 << at;
    }
  }
  return { terms, words: said, count };
}

/** The names of a tool's parameters, and what is said of them: descriptions, and the values of enums. */
function parametersOf({ properties }: Record<string, unknown>): string {
  if (!isRecord(properties)) return "";
  const names = Object.keys(properties).slice(0, parametersMax);
  const said = names.flatMap((name) => {
    const schema = properties[name];
    if (!isRecord(schema)) return [name];
    const values = isRecord(schema.items) ? schema.items.enum : schema.enum;
    return [name, schema.description, ...(Array.isArray(values) ? values.slice(0, parametersMax) : [])];
  });
  return said.map((text) => (typeof text === "string" ? text.slice(0, parameterCharsMax) : "")).join(" ");
}

const parametersMax = 40;
const parameterCharsMax = 120;

/** The end of the first sentence, or of the first characters if there is none. */
function firstSentenceOf(text: string): number {
  const end = text.slice(0, 200).search(/[.!?](?:\s|$)|\n/);
  return end < 20 ? 160 : end + 1;
}
