import { repaired } from "../../core/lenient.ts";

/**
 * fetch for servers that write JSON-RPC in their own way: an answer in one piece is repaired before the SDK, which would refuse it,
 * reads it. Streams of events pass as they are.
 */
export async function repairingFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  if (!isJson || response.body === null) return response;
  const text = await response.text();
  const headers = new Headers(response.headers);
  // It may have come compressed, and is longer or shorter now.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(repairedText(text), { status: response.status, statusText: response.statusText, headers });
}

/** What a message in need of repair has in it. A large result is not parsed once more for nothing. */
const suspect = /"error"\s*:|"_meta"\s*:\s*null/;

function repairedText(text: string): string {
  if (text.includes('"jsonrpc"') && !suspect.test(text)) return text;
  try {
    const body: unknown = JSON.parse(text);
    return JSON.stringify(Array.isArray(body) ? body.map(repaired) : repaired(body));
  } catch {
    // No JSON in spite of its name: the SDK says so.
    return text;
  }
}
