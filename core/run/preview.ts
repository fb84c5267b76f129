import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";

/*
 * A result too large to read is shown as a smaller value of the same shape: long strings and arrays cut, deep objects
 * emptied, so that the model learns what is in it and reads the rest with `results.get(handle)`.
 */

/**
 * The JSON of a result's preview. Made where the program ran, because reading eight megabytes would hold up its session.
 * Undefined for a result that needs none, and for text that is not JSON or nests too deep, which the session refuses.
 */
export function previewJsonOf(resultJson: string): string | undefined {
  if (resultJson.length <= limits.resultCharsInline || resultJson.length > limits.resultCharsMax) return undefined;
  if (isDeeperJson(resultJson, limits.resultDepthMax)) return undefined;
  try {
    return JSON.stringify(previewOf(JSON.parse(resultJson), limits.resultCharsInline / 2));
  } catch {
    return undefined;
  }
}

interface Bounds {
  items: number;
  chars: number;
  depth: number;
}

/** A value like `value` whose JSON has at most `charsMax` characters. */
export function previewOf(value: unknown, charsMax: number): unknown {
  for (const bounds of steps) {
    const preview = shrink(value, bounds);
    if (JSON.stringify(preview).length <= charsMax) return preview;
  }
  return `… ${typeof value === "string" ? "a string" : "a value"} too large to preview`;
}

/** From generous to tiny; the first that fits is used. */
const steps: Bounds[] = [
  { items: 50, chars: 2_000, depth: 8 },
  { items: 20, chars: 500, depth: 6 },
  { items: 8, chars: 200, depth: 5 },
  { items: 3, chars: 80, depth: 3 },
  { items: 2, chars: 40, depth: 2 },
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
  const kept = entries.slice(0, bounds.items).map(([key, item]) => [cutString(key, bounds.chars), shrink(item, inner)] as const);
  const left = entries.length - kept.length;
  return Object.fromEntries(left > 0 ? [...kept, ["…", `${left} more fields`] as const] : kept);
}

function cutString(text: string, chars: number): string {
  // A cut inside a surrogate pair would leave a lone surrogate.
  return text.length <= chars ? text : `${text.slice(0, chars).toWellFormed()}… ${text.length - chars} more characters`;
}
