import { isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfTool } from "./actions.ts";
import type { Action } from "./verbs.ts";
import { weights } from "./weights.ts";
import { type Word, wordsOf, wordsOfProse } from "./words.ts";

/** A server or a tool as it is searched. */
export interface Document {
  /** The number of its server in the registry. */
  server: number;
  /** Undefined for the server itself. */
  tool: Tool | undefined;
  /** The number of words in its name without those of the server's name, and which of them are plural, one bit each. */
  nameLength: number;
  plurals: number;
  action: Action | undefined;
  /** Whether it says that it is not to be called directly. */
  isDiscouraged: boolean;
}

/** A document as it is read: its texts, and the words of its name that are recorded separately. */
export interface Read {
  document: Document;
  fields: readonly Field[];
  name: readonly Word[];
}

/** The words of texts of one kind, and what one of them is worth in texts of this length. */
interface Field {
  words: readonly Word[];
  worth: number;
}

/** The owner's texts: names weigh more than descriptions. */
export function readServer({ id, title, tags, domains, examples, summary }: ServerEntry, server: number): Read {
  const fields = [
    prose(id, "serverId"),
    prose(title, "serverTitle"),
    prose(tags.join(" "), "tags"),
    prose(domains.join(" "), "domains"),
    prose(examples.join(" "), "examples"),
    prose(summary, "summary"),
  ];
  return {
    document: { server, tool: undefined, nameLength: 0, plurals: 0, action: undefined, isDiscouraged: false },
    fields,
    name: [],
  };
}

/** @param shared stems that say nothing about a single tool of its server. The first sentence of a description says what the tool does. */
export function readTool(tool: Tool, shared: ReadonlySet<string>, server: number): Read {
  const text = (tool.description ?? "").slice(0, limits.searchedCharsMax).replace(/^[^\p{L}]+/u, "");
  const first = text.slice(0, firstSentenceOf(text));
  const named = wordsOf(tool.name);
  const own = named.filter(({ isStop, stem }) => !isStop && !shared.has(stem));
  const name = own.slice(0, nameWordsMax);
  const fields = [
    fieldOf(
      own,
      own.reduce((sum, word) => sum + word.text.length + 1, -1),
      "name",
    ),
    fieldOf(
      named.filter(({ stem }) => shared.has(stem)),
      1,
      "sharedName",
    ),
    prose((tool.title ?? "").slice(0, limits.namedCharsMax), "title"),
    prose(first, "firstSentence"),
    prose(text.slice(first.length), "otherSentences"),
    prose(parametersOf(tool.inputSchema).slice(0, 2 * limits.searchedCharsMax), "parameters"),
  ];
  const document = {
    server,
    tool,
    nameLength: name.length,
    plurals: name.reduce((bits, { isPlural }, at) => bits | (Number(isPlural) << at), 0),
    action: actionOfTool(
      named.filter(({ stem, action }) => !shared.has(stem) || action !== undefined),
      wordsOf(first.slice(0, 60)),
    ),
    isDiscouraged: discouraging.test((tool.description ?? "").slice(0, limits.searchedCharsMax)),
  };
  return { document, fields, name };
}

/** Words of a name that are recorded separately. */
const nameWordsMax = 8;

const discouraging =
  /\b(?:do not|don't|never|not be|should only be) (?:be )?(?:call|use|invok)\w* (?:this tool )?(?:directly|as part of)|\bsub[- ]tool\b|internal use only|\bdeprecated\b|^stale: /i;

/** Lengths are compared with usual ones, not with the average of the registered, which would change every number with each added server. */
function fieldOf(words: readonly Word[], chars: number, kind: keyof typeof weights.fields): Field {
  const { weight, usualChars } = weights.fields[kind];
  return {
    words: words.filter(({ isStop }) => !isStop),
    worth: weight / (1 - weights.lengthShare + (weights.lengthShare * chars) / usualChars),
  };
}

function prose(text: string, kind: keyof typeof weights.fields): Field {
  return fieldOf(wordsOfProse(text), text.length, kind);
}

/** The names of a tool's parameters, and what is said of them: descriptions, and the values of enums. */
function parametersOf({ properties }: Record<string, unknown>): string {
  if (!isRecord(properties)) return "";
  const names = Object.keys(properties).slice(0, parametersMax);
  const said = names.flatMap((name) => {
    const schema = properties[name];
    if (!isRecord(schema)) return [];
    const values = [schema.enum, isRecord(schema.items) ? schema.items.enum : undefined];
    return [schema.description, ...values.flatMap((list) => (Array.isArray(list) ? list.slice(0, parametersMax) : []))];
  });
  const texts = said.filter((text) => typeof text === "string").map((text) => text.slice(0, parameterCharsMax));
  return [...names, ...texts].join(" ");
}

const parametersMax = 40;
const parameterCharsMax = 120;

/** The end of the first sentence, or of the first characters if there is none. */
function firstSentenceOf(text: string): number {
  const end = text.slice(0, 200).search(/[.!?](?:\s|$)|\n/);
  return end < 20 ? 160 : end + 1;
}
