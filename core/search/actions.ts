import type { Word } from "./words.ts";

/** What a tool does to the world, as its name says it, and what a query asks for. */
export type Action = "look" | "make" | "change" | "drop" | "run" | "stop" | "send";

const verbs: readonly (readonly [Action, string])[] = [
  [
    "look",
    "get fetch read show list view display see inspect describe find search look query lookup retrieve obtain count compare explain check browse " +
      "enumerate locate discover tell print analyze watch observe measure calculate compute learn audit examine preview summarize return",
  ],
  [
    "make",
    "create make add new register raise produce insert compose draft write generate build draw schedule initialize init plot render remember " +
      "append install invite upload open leave save store record note file log",
  ],
  [
    "change",
    "give fix update modify edit change alter patch adjust rewrite rename set configure replace assign resize move transfer relocate mark convert " +
      "restore revert undo reset archive toggle enable disable switch scale upgrade promote",
  ],
  ["drop", "delete remove erase drop destroy discard forget uninstall purge clear wipe rid clean revoke unassign detach"],
  ["run", "run execute trigger launch start invoke perform play retry rerun repeat boot deploy restart reboot rollback"],
  ["stop", "stop cancel abort terminate kill halt end close quit shutdown disconnect"],
  ["send", "send post publish share deliver push broadcast reply answer notify"],
];

/** The verbs that say an action. */
export const actionsOf: ReadonlyMap<string, Action> = new Map(
  verbs.flatMap(([action, words]) => words.split(" ").map((verb): [string, Action] => [verb, action])),
);

/** Verbs where somebody asks, and nouns in the name of a tool: `git_log`, `read_file`. */
const nounsInNames = new Set("log file record note store leave fix give plot draft".split(" "));

/** Of a tool by its name, which begins or ends with the verb, or else by the first word of its description. */
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

/** Of a query by the first verb that one of its parts begins with; a question only wants to know. */
export function actionOfQuery(parts: readonly (readonly Word[])[], mended: (word: Word) => Word): Action | undefined {
  let asked: Action | undefined;
  for (const part of parts) {
    const start = part.findIndex(({ text }) => !politeWords.has(text));
    const word = part[start];
    if (word === undefined) continue;
    if (part[start + 1]?.text === "me" && tellingWords.has(word.text)) return "look";
    if (questionWords.has(word.text)) asked ??= "look";
    else {
      const { action } = word.action === undefined ? mended(word) : word;
      // "files of a job" begins with a noun, "file a bug" with a verb.
      if (action !== undefined && !(word.isPlural && nounsInNames.has(word.text.slice(0, -1)))) return action;
    }
  }
  return asked;
}
