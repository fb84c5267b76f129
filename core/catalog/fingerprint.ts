import type { Tool } from "../mcp/tool.ts";

/**
 * Sixteen hex digits that change when a call that was right may be right no longer: with a tool's arguments, or what it says
 * it does to the world. A new description, or the same schema in another order of keys, changes nothing; what it returns is
 * learnt from results too. Tells versions apart; no security boundary.
 */
export function fingerprintOf(tool: Tool): string {
  const known = fingerprints.get(tool);
  if (known !== undefined) return known;
  const made = fingerprint([tool.inputSchema, tool.annotations ?? null]);
  fingerprints.set(tool, made);
  return made;
}

/** A tool is never changed in place, and a listing of thousands is compared at each refresh. */
const fingerprints = new WeakMap<Tool, string>();

/** Sixteen hex digits of a JSON value, in whatever order its keys are. The value cannot be read back from them. */
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

/** FNV-1a over the UTF-16 units, twice from different starts. */
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
