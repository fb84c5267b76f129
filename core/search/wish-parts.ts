import { limits } from "../limits.ts";
import { actionOfQuery } from "./actions.ts";
import { wordsOf } from "./words.ts";

const joints = /\s+(?:and then|and|then|after that|und dann|und|et puis|et|y)\s+|[;,.]\s+/i;
const partsMax = 3;
const wordsMin = 2;

/** The wishes of a sentence that asks for several things, each of which begins with a verb; empty for one that asks for one thing. */
export function partsOfWish(query: string): string[] {
  const parts = query.slice(0, limits.queryCharsMax).split(joints).slice(0, partsMax);
  const wishes = parts.filter((part) => {
    const words = wordsOf(part);
    const begins = words.find(({ isStop }) => !isStop);
    const asks = actionOfQuery([words], (word) => word) !== undefined && begins?.action !== undefined;
    return asks && words.filter(({ isStop }) => !isStop).length >= wordsMin;
  });
  return wishes.length > 1 ? wishes : [];
}
