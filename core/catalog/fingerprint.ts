import { fingerprint } from "../json.ts";
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
