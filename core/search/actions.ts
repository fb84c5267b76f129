import type { Action, Word } from "./words.ts";

/** A tool's action, from its name, which begins or ends with the verb, or else from the first word of its description. */
export function actionOfTool(name: readonly Word[], description: readonly Word[]): Action | undefined {
  return [name[0], name[1], name.at(-1), description[0]].find((word) => word?.action !== undefined)?.action;
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
