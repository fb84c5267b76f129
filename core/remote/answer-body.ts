import { z } from "zod";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { OpenRequests } from "../mcp/lenient-results.ts";
import { isLongToRead } from "../mcp/message-bounds.ts";
import { answerIn } from "./repaired-text.ts";
import { type ServerEvent, ServerEvents, streamOf } from "./server-events.ts";

/** An answer of more than `remoteAnswerBytesMax` or `answerPartsMax`. The server has acted on the request. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/** A successful response without an MCP answer in it. The message reads after the server's name. */
export class NotMcp extends Error {
  override readonly name = "NotMcp";
}

/**
 * The response with a body that the SDK can read: bounded, and with common deviations from JSON-RPC repaired.
 * A single answer is read before this resolves, even as the first event of a stream, as most servers send it: passing it on as a
 * stream would take twice as long. Any other event stream is read as it arrives.
 *
 * @throws AnswerTooLarge for a body that is not an event stream; NotMcp for a response to a request that has no answer in it
 */
export async function readableAnswer(response: Response, options: AnswerOptions): Promise<Response> {
  const type = response.headers.get("content-type") ?? "";
  if (response.body !== null && type.startsWith("text/event-stream")) return readEvents(response, response.body, options);
  if (!response.ok) {
    if (response.body === null) return response;
    return withBody(response, (await readText(response.body, limits.refusalBytesMax)).text);
  }
  const { text, isCut } = await readText(response.body, limits.remoteAnswerBytesMax);
  if (isCut || isLongToRead(text)) throw new AnswerTooLarge();
  // Not an answer to a request: a notification was accepted, or the session ended.
  if (options.id === undefined) return withBody(response, hasNoBody(response) ? null : text);
  return readAnswer(response, text, options);
}

export interface AnswerOptions {
  /** The id of the JSON-RPC request; undefined when the response must stay a stream. */
  id: string | number | undefined;
  /** Its method. */
  method: string | undefined;
  /** All that wait at the connection. Left out where answers are passed on whole. */
  requests?: OpenRequests | undefined;
  /** An event of the stream is too large; the stream ends there. */
  onTooLarge: () => void;
  clock: Clock;
}

/** JSON counts whatever its content type, and an event stream too: some servers and proxies name another one. */
function readAnswer(response: Response, text: string, options: AnswerOptions): Promise<Response> | Response {
  const answer = answerIn(text, options);
  if (answer !== undefined) return withBody(response, answer, { status: 200, type: "application/json" });
  if (/^\ufeff?(?:event|data|id|retry|): ?/.test(text)) {
    const body = new Blob([text]).stream();
    return readEvents(withBody(response, null, { type: "text/event-stream" }), body, options);
  }
  throw new NotMcp(` answered with ${describe(response, text)}, and not with MCP. Check the url in its registry entry.`);
}

/** What came instead, without anything of its text, which may be a page with secrets. */
function describe({ status, headers }: Response, text: string): string {
  if (text.trim() === "") return `HTTP status ${status} and nothing else`;
  const type = headers.get("content-type")?.split(";")[0]?.trim();
  if (/^\s*[[{]/.test(text)) return "JSON that is no JSON-RPC answer";
  return type === undefined || type === "" ? "a text without a content type" : type;
}

/** A stream that begins with the answer becomes a JSON body; one that begins with another message stays a stream. */
async function readEvents(response: Response, body: ReadableStream<Uint8Array>, options: AnswerOptions): Promise<Response> {
  const { id, onTooLarge, clock } = options;
  const events = new ServerEvents(body, { onTooLarge, answered: options, clock });
  const taken: ServerEvent[] = [];
  while (id !== undefined && taken.length < limits.eventsReadAhead) {
    const event = await events.next().catch(() => undefined);
    // At the end of the stream, or its failure: the reader of the response gets the same.
    if (event === undefined) break;
    if (isAnswer(event.data, id)) {
      events.cancel().catch(() => undefined);
      return withBody(response, event.data, { type: "application/json" });
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

/** The response with another body, and another status or content type where they are given. */
export function withBody(
  { status, statusText, headers }: Response,
  body: string | ReadableStream | null,
  other: { status?: number; type?: string } = {},
): Response {
  const own = new Headers(headers);
  if (other.type !== undefined) own.set("content-type", other.type);
  // The body is no longer compressed, and its length may have changed.
  own.delete("content-encoding");
  own.delete("content-length");
  return new Response(body, { status: other.status ?? status, statusText, headers: own });
}

function hasNoBody({ status }: Response): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** Stops reading at the bound. */
async function readText(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<{ text: string; isCut: boolean }> {
  if (body === null) return { text: "", isCut: false };
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
