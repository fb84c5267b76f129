import type { Action } from "./verbs.ts";
import type { Word } from "./words.ts";

/** Verbs in a query, but nouns in the name of a tool: `git_log`, `read_file`. */
const nounsInNames = new Set("log file record note store leave fix give plot draft".split(" "));

/** A tool's action, from its name, which begins or ends with the verb, or else from the first word of its description. */
export function actionOfTool(name: readonly Word[], description: readonly Word[]): Action | undefined {
  const candidates = [name[0], name[1], name.at(-1), description[0]];
  return candidates.find((word) => word?.action !== undefined && !nounsInNames.has(word.text))?.action;
}

const politeWords = new Set(
  (
    "please can could would will you i we want wanna need to like help me us lets let d just now hey hi ok okay kindly try should must gotta id im " +
    "going have got"
  ).split(" "),
);
const questionWords = new Set("what which who whose where when why how is are was were did does do has have any".split(" "));
const tellingWords = new Set("give show tell get find bring".split(" "));

/** A query's action, from the first of its parts that begins with a verb. A question asks only to look. */
export function actionOfQuery(parts: readonly (readonly Word[])[], corrected: (word: Word) => Word): Action | undefined {
  let asked: Action | undefined;
  for (const part of parts) {
    const start = part.findIndex(({ text }) => !politeWords.has(text));
    const word = part[start];
    if (word === undefined) continue;
    if (part[start + 1]?.text === "me" && tellingWords.has(word.text)) return "look";
    if (questionWords.has(word.text)) asked ??= "look";
    else {
      const { action } = word.action === undefined ? corrected(word) : word;
      // "files of a job" begins with a noun, "file a bug" with a verb.
      if (action !== undefined && !(word.isPlural && nounsInNames.has(word.text.slice(0, -1)))) return action;
    }
  }
  return asked;
}
