/** Of a longer list, so many items spread over it stand for all. */
const itemsLookedAt = 50;

/**
 * About how many characters of JSON a value has, up to `charsMax`: escapes are not counted, and nor are images, sounds and other bytes, which
 * no client puts into a context as text. Looks at little of a value, however large or deep it is: this is done for every call.
 */
export function charsOf(value: unknown, charsMax: number): number {
  const waiting: Part[] = [{ value, times: 1 }];
  let chars = 0;
  for (let part = waiting.pop(); part !== undefined && chars < charsMax; part = waiting.pop())
    chars += part.times * addParts(part, waiting);
  return Math.min(Math.round(chars), charsMax);
}

interface Part {
  value: unknown;
  /** How many like it there are. */
  times: number;
}

/** @returns the characters of a value itself. What is in it is added to `waiting` */
function addParts({ value, times }: Part, waiting: Part[]): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return String(value).length;
  if (isMedia(value)) return 0;
  if (Array.isArray(value)) {
    const looked = Math.min(value.length, itemsLookedAt);
    const step = value.length / looked;
    for (let at = 0; at < looked; at++) waiting.push({ value: value[Math.floor(at * step)], times: times * step });
    // Each item with its comma.
    return 2 + value.length;
  }
  let chars = 2;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined || key === "blob") continue;
    // With quotes, colon and comma.
    chars += key.length + 4;
    waiting.push({ value: inner, times });
  }
  return chars;
}

function isMedia(value: object): boolean {
  return "type" in value && (value.type === "image" || value.type === "audio");
}
