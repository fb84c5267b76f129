import { repaired } from "../../../../core/mcp/lenient-results.ts";

/** What a message in need of repair contains: a large result is not parsed a second time without need. */
const suspect = /"error"\s*:|"_meta"\s*:\s*null/;

/** The text of a JSON-RPC message, or of several, as the SDK reads it. What is no JSON stays as it is: the SDK says so. */
export function repairedText(text: string): string {
  if (text.includes('"jsonrpc"') && !suspect.test(text)) return text;
  try {
    const body: unknown = JSON.parse(text);
    return JSON.stringify(Array.isArray(body) ? body.map(repaired) : repaired(body));
  } catch {
    return text;
  }
}
