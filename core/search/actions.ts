import type { Action, Word } from "./words.ts";

/** A tool's action, from the first word of its name, or else of its description. */
export function actionOfTool([named]: readonly Word[], [described]: readonly Word[]): Action | undefined {
  return named?.action ?? described?.action;
}

const questions = new Set("what which who whose where when why how is are was were did does do has have any".split(" "));

/** A query's action, from the first of its parts that begins with a verb. A question asks only to look. */
export function actionOfQuery(parts: readonly (readonly Word[])[]): Action | undefined {
  let asked: Action | undefined;
  for (const part of parts) {
    const isQuestion = questions.has(part[0]?.text ?? "");
    const action = isQuestion ? "look" : part.find(({ isStop }) => !isStop)?.action;
    if (action !== undefined && !isQuestion) return action;
    asked ??= action;
  }
  return asked;
}
