import { z } from "zod";
import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";
import { answerLimits } from "./answer-limits.ts";
import { mayHoldMedia, ReturnedImage, withoutMedia } from "./media.ts";
import { charTokensMax, tokensAtMost } from "./token-estimate.ts";

/*
 * A result too large to read is shown as a smaller value of the same shape: long strings and arrays cut, deep objects
 * emptied, so that the model learns what is in it and reads the rest with `results.get(handle)`.
 */

/** What is shown in place of a result. */
export const ShownResult = z.object({
  json: z.string().max(limits.resultCharsInline),
  /** The whole result is kept for later runs. */
  isPartial: z.boolean(),
  /** Shown beside it. */
  images: z.array(ReturnedImage).max(answerLimits.imagesShownMax),
});
export type ShownResult = z.infer<typeof ShownResult>;

/**
 * What is shown of a result. Made where the program ran, because reading eight megabytes would hold up its session. Undefined for a
 * result that is shown as it is, and for text that is not JSON or nests too deep, which the session refuses.
 */
export function shownResultOf(resultJson: string): ShownResult | undefined {
  if (resultJson.length > limits.resultCharsMax || isDeeperJson(resultJson, limits.resultDepthMax)) return undefined;
  const isLong = isTooLong(resultJson);
  const mayHold = mayHoldMedia(resultJson);
  if (!isLong && !mayHold) return undefined;
  try {
    const whole: unknown = JSON.parse(resultJson);
    // A copy of megabytes that hold no media would be too much for the process.
    if (!mayHold) return { json: previewJsonOf(whole), isPartial: true, images: [] };
    const { value, images, isPartial } = withoutMedia(whole);
    if (!isLong && images.length === 0 && !isPartial) return undefined;
    const json = JSON.stringify(value);
    if (!isTooLong(json)) return { json, isPartial, images };
    return { json: previewJsonOf(value), isPartial: true, images };
  } catch {
    return undefined;
  }
}

/** Few characters need not be read for it. */
function isTooLong(json: string): boolean {
  const { resultTokensInline } = answerLimits;
  if (json.length > limits.resultCharsInline) return true;
  return json.length * charTokensMax > resultTokensInline && tokensAtMost(json, resultTokensInline) > resultTokensInline;
}

function previewJsonOf(value: unknown): string {
  return JSON.stringify(previewOf(value, answerLimits.previewTokensMax));
}

interface Bounds {
  items: number;
  chars: number;
  depth: number;
}

/** A value like `value` whose JSON costs at most `tokensMax` tokens. */
export function previewOf(value: unknown, tokensMax: number): unknown {
  for (const bounds of steps) {
    const preview = shrink(value, bounds);
    const json = JSON.stringify(preview);
    // No token is longer than what the estimate takes of a word, so a long text need not be read.
    if (json.length <= tokensMax * tokenCharsMax && tokensAtMost(json, tokensMax) <= tokensMax) return preview;
  }
  return `… ${typeof value === "string" ? "a string" : "a value"} too large to preview`;
}

const tokenCharsMax = 8;

/** From generous to tiny; the first that fits is used. */
const steps: Bounds[] = [
  { items: 50, chars: 2_000, depth: 8 },
  { items: 20, chars: 500, depth: 6 },
  { items: 12, chars: 300, depth: 6 },
  { items: 8, chars: 200, depth: 5 },
  { items: 5, chars: 120, depth: 5 },
  { items: 3, chars: 80, depth: 4 },
  { items: 2, chars: 40, depth: 3 },
  { items: 2, chars: 20, depth: 2 },
  { items: 1, chars: 20, depth: 1 },
];

function shrink(value: unknown, bounds: Bounds): unknown {
  if (typeof value === "string") return cutString(value, bounds.chars);
  if (typeof value !== "object" || value === null) return value;
  const inner = { ...bounds, depth: bounds.depth - 1 };
  if (Array.isArray(value)) {
    if (bounds.depth <= 0) return value.length === 0 ? [] : [`… ${value.length} items`];
    const kept = value.slice(0, bounds.items).map((item) => shrink(item, inner));
    return value.length > kept.length ? [...kept, `… ${value.length - kept.length} more items`] : kept;
  }
  const entries = Object.entries(value);
  if (bounds.depth <= 0) return entries.length === 0 ? {} : { "…": `${entries.length} fields` };
  // An object's fields are its shape, which says more than further items of a list do.
  const kept = entries
    .slice(0, bounds.items * 4)
    .map(([key, item]) => [cutString(key, bounds.chars), shrink(item, inner)] as const);
  const left = entries.length - kept.length;
  return Object.fromEntries(left > 0 ? [...kept, ["…", `${left} more fields`] as const] : kept);
}

function cutString(text: string, chars: number): string {
  // A cut inside a surrogate pair would leave a lone surrogate.
  return text.length <= chars ? text : `${text.slice(0, chars).toWellFormed()}… ${text.length - chars} more characters`;
}
