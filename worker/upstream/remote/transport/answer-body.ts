import { z } from "zod";
import { limits } from "../../../../core/limits.ts";
import { repairedText } from "./repaired-text.ts";
import { type ServerEvent, ServerEvents, streamOf } from "./server-events.ts";

/** An answer of more than `remoteAnswerBytesMax`. The server has acted on the request. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/**
 * The response with a body that the SDK can read: bounded, and with common deviations from JSON-RPC repaired.
 * A single answer is read before this resolves, even as the first event of a stream, as most servers send it: passing it on as a
 * stream would take twice as long. Any other event stream is read as it arrives.
 *
 * @throws AnswerTooLarge for a body that is not an event stream
 */
export async function readableAnswer(response: Response, options: AnswerOptions): Promise<Response> {
  if (response.body === null) return response;
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) return readEvents(response, response.body, options);
  if (!response.ok) return withBody(response, (await readText(response.body, limits.refusalBytesMax)).text);
  const { text, isCut } = await readText(response.body, limits.remoteAnswerBytesMax);
  if (isCut) throw new AnswerTooLarge();
  return withBody(response, type.startsWith("application/json") ? repairedText(text) : text);
}

export interface AnswerOptions {
  /** The id of the JSON-RPC request; undefined when the response must stay a stream. */
  id: string | number | undefined;
  /** An event of the stream is too large; the stream ends there. */
  onTooLarge: () => void;
}

/** A stream that begins with the answer becomes a JSON body; one that begins with another message stays a stream. */
async function readEvents(
  response: Response,
  body: ReadableStream<Uint8Array>,
  { id, onTooLarge }: AnswerOptions,
): Promise<Response> {
  const events = new ServerEvents(body, { onTooLarge });
  const taken: ServerEvent[] = [];
  while (id !== undefined && taken.length < limits.eventsReadAhead) {
    const event = await events.next().catch(() => undefined);
    // At the end of the stream, or its failure: the reader of the response gets the same.
    if (event === undefined) break;
    if (isAnswer(event.data, id)) {
      events.cancel().catch(() => undefined);
      return withBody(response, event.data, { "content-type": "application/json" });
    }
    taken.push(event);
    if (event.data !== "") break;
  }
  return withBody(response, streamOf(events, taken));
}

/** Whether it is the answer to that request, and short enough to be read twice. */
function isAnswer(data: string, id: string | number): boolean {
  if (data === "" || data.length > limits.answerReadTwiceCharsMax) return false;
  try {
    return Answer.safeParse(JSON.parse(data)).data?.id === id;
  } catch {
    // Not JSON: the SDK reports that.
    return false;
  }
}

const Answer = z.object({ id: z.union([z.string(), z.number()]), method: z.undefined().optional() });

function withBody(
  { status, statusText, headers }: Response,
  body: string | ReadableStream,
  otherHeaders: Record<string, string> = {},
): Response {
  const own = new Headers(headers);
  for (const [name, value] of Object.entries(otherHeaders)) own.set(name, value);
  // The body is no longer compressed, and its length may have changed.
  own.delete("content-encoding");
  own.delete("content-length");
  return new Response(body, { status, statusText, headers: own });
}

/** Stops reading at the bound. */
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
