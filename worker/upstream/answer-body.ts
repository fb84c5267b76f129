import { limits } from "../../core/limits.ts";
import { repairEvents } from "./event-repair.ts";
import { repairedText } from "./repaired-text.ts";

/** An answer that is larger than one may be. The server has done its work. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/**
 * The answer with a body that the SDK can read: bounded, and, where it is JSON-RPC as other libraries write it, repaired.
 * An answer in one piece is read before this resolves; a stream of events is read as it comes.
 *
 * @param onTooLarge an event of the stream is too large; the stream ends there
 * @throws AnswerTooLarge for an answer in one piece
 */
export async function readableAnswer(response: Response, { onTooLarge }: { onTooLarge: () => void }): Promise<Response> {
  if (response.body === null) return response;
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) return withBody(response, repairEvents(response.body, { onTooLarge }));
  if (!response.ok) return withBody(response, (await readText(response.body, limits.refusalBytesMax)).text);
  const { text, isCut } = await readText(response.body, limits.remoteAnswerBytesMax);
  if (isCut) throw new AnswerTooLarge();
  return withBody(response, type.startsWith("application/json") ? repairedText(text) : text);
}

function withBody({ status, statusText, headers }: Response, body: string | ReadableStream): Response {
  const own = new Headers(headers);
  // It may have come compressed, and is longer or shorter now.
  own.delete("content-encoding");
  own.delete("content-length");
  return new Response(body, { status, statusText, headers: own });
}

/** What comes after the bound is not waited for. */
async function readText(body: ReadableStream<Uint8Array>, bytesMax: number): Promise<{ text: string; isCut: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return { text, isCut: true };
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode(), isCut: false };
}
