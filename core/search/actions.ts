import { type Action, type Word, wordsOf } from "./words.ts";

/** A tool's action, from the first word of its name, or else of its description. */
export function actionOfTool([named]: readonly Word[], [described]: readonly Word[]): Action | undefined {
  return named?.action ?? described?.action;
}

const questions = new Set("what which who whose where when why is are was were did does do has have any".split(" "));

const parts = /[,;.:!?]| (?:and|so|then|to|you|we) /i;

/** A query's action, from the first of its parts that begins with a verb: "the plan is to create …". A question asks only to look. */
export function actionOfQuery(query: string): Action | undefined {
  const asked = query.split(parts).map(wordsOf).map(actionOfPart);
  return (
    asked.find((action) => action !== undefined && action !== "question") ?? (asked.includes("question") ? "look" : undefined)
  );
}

function actionOfPart(words: readonly Word[]): Action | undefined {
  return questions.has(words[0]?.text ?? "") ? "question" : words.find(({ isStop }) => !isStop)?.action;
}
