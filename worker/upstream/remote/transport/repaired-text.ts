import { repaired } from "../../../../core/mcp/lenient-results.ts";

/** Found in messages that may need repair; others are not parsed a second time, which matters for large results. */
const suspect = /"error"\s*:|"_meta"\s*:\s*null/;

/** The text of a JSON-RPC message or batch, repaired for the SDK. Invalid JSON is returned unchanged, for the SDK to report. */
export function repairedText(text: string): string {
  if (text.includes('"jsonrpc"') && !suspect.test(text)) return text;
  try {
    const body: unknown = JSON.parse(text);
    return JSON.stringify(Array.isArray(body) ? body.map(repaired) : repaired(body));
  } catch {
    return text;
  }
}
