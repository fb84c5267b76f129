export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A hash of a JSON value as sixteen hex digits, independent of the order of its keys. The value cannot be recovered from it. */
export function fingerprint(value: unknown): string {
  return hashOf(canonical(value));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}

/** FNV-1a over the UTF-16 units, with two different seeds. */
function hashOf(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  return [low, high].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
