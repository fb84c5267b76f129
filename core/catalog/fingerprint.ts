import { fingerprint } from "../json.ts";
import type { Tool } from "../mcp/tool.ts";

/**
 * Sixteen hex digits that change when a call written against the tool may no longer be right: when its input schema or annotations
 * change. A new description or another order of keys changes nothing, nor does the output schema, because types of results are
 * learnt from the results too. It tells versions apart and is no security boundary.
 */
export function fingerprintOf(tool: Tool): string {
  const known = fingerprints.get(tool);
  if (known !== undefined) return known;
  const made = fingerprint([tool.inputSchema, tool.annotations ?? null]);
  fingerprints.set(tool, made);
  return made;
}

/** Cached by identity, because tools are never changed in place and every refresh compares whole listings. */
const fingerprints = new WeakMap<Tool, string>();
