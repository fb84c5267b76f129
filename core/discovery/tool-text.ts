import { oneLine } from "../codegen/jsdoc.ts";
import type { Tool } from "../mcp/tool.ts";
import { discoveryLimits } from "./discovery-limits.ts";

/** What a tool does, in one line of at most `charsMax` characters. */
export type ToolText = (tool: Tool, charsMax: number) => string;

/** Sentences in so many descriptions of a server, and in this share of them, say nothing about a single tool. */
const repeatedMin = 3;
const repeatedShare = 0.04;

/**
 * The texts of a server's tools. Some servers repeat a third of each description in all others (errors, guardrails, when to use the
 * tool), and a line has room for one sentence: it is spent on what differs.
 */
export function textsOf(tools: readonly Tool[]): ToolText {
  const known = texts.get(tools);
  if (known) return known;
  const counts = new Map<string, number>();
  const sample = tools.slice(0, discoveryLimits.repeatedToolsMax);
  for (const { description = "" } of sample) {
    for (const sentence of new Set(sentencesOf(description).map(keyOf))) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  }
  const most = Math.max(repeatedMin, repeatedShare * sample.length);
  const isRepeated = (sentence: string) => (counts.get(keyOf(sentence)) ?? 0) >= most;
  const text: ToolText = (tool, charsMax) => lineOf(tool, { charsMax, isRepeated });
  texts.set(tools, text);
  return text;
}

/** A listing is one array until it is fetched again. */
const texts = new WeakMap<readonly Tool[], ToolText>();

interface LineOptions {
  charsMax: number;
  isRepeated: (sentence: string) => boolean;
}

function lineOf({ description = "", title = "", annotations }: Tool, { charsMax, isRepeated }: LineOptions): string {
  const paragraphs = paragraphsOf(description).map((sentences) => sentences.filter((sentence) => !isRepeated(sentence)));
  const telling = paragraphs.filter((sentences) => sentences.length > 0);
  const [first = sentencesOf(description), second = []] = telling;
  // A heading alone says less than what stands below it.
  const isHeading = first.length === 1 && (first[0]?.length ?? 0) < headingCharsMax && !/[.!?]$/.test(first[0] ?? "");
  const said = wholeSentences([...first, ...(isHeading ? second : [])], charsMax).replace(leadIn, "");
  const text = said === "" ? title : said.charAt(0).toUpperCase() + said.slice(1);
  const mark =
    annotations?.readOnlyHint === true ? "read-only" : annotations?.destructiveHint === true ? "destructive" : undefined;
  if (mark === undefined) return oneLine(text, charsMax);
  const room = charsMax - mark.length - 3;
  return text === "" ? `(${mark})` : `${oneLine(text, room)} (${mark})`;
}

const headingCharsMax = 25;

/** As many sentences as fit. Half of a sentence is told only of the first. */
function wholeSentences(sentences: readonly string[], charsMax: number): string {
  let text = "";
  for (const sentence of sentences) {
    if ((text.length >= headingCharsMax || /[.!?]$/.test(text)) && text.length + 1 + sentence.length > charsMax) {
      // What introduces the sentence that has no room says nothing without it: "WARNING:".
      return text.replace(/(?<=[.!?])\s+[^.!?]*:$/, "");
    }
    text += text === "" ? sentence : ` ${sentence}`;
  }
  return text;
}

function sentencesOf(description: string): string[] {
  return paragraphsOf(description).flat();
}

/** The first paragraphs as sentences, without Markdown. Only the beginning is read: descriptions may be books. */
function paragraphsOf(description: string): string[][] {
  const text = description.slice(0, discoveryLimits.repeatedCharsMax).replace(/\r\n?/g, "\n");
  const plain = text.replace(/<\/?[a-z][\w-]*>|[*_`]{2,}|^#+ +/gim, " ");
  return plain.split(/\n\s*\n/).map(sentencesIn);
}

function sentencesIn(paragraph: string): string[] {
  return paragraph
    .split(/(?<=[.!?:|])\s+|\n+/)
    .map((sentence) => sentence.replace(/^[\s\-*•>#]+/, "").trim())
    .filter((sentence) => /\p{L}/u.test(sentence));
}

/** Sentences that differ only in numbers and quoted names are the same. */
function keyOf(sentence: string): string {
  return sentence.toLowerCase().replace(/["'`][^"'`]*["'`]|\d+/g, "#");
}

/** What every description could begin with. */
const leadIn =
  /^(?:this (?:tool|function|endpoint|method|mcp tool) (?:is used to|can be used to|will|allows you to|lets you)?\s*|use this (?:tool |function )?(?:when you (?:need|want) )?to\s+|(?:a|the) tool (?:to|for|that)\s+|tool (?:to|for)\s+|allows (?:you|the user) to\s+|purpose:\s*)/i;
