import { z } from "zod";
import { hasMoreParts, isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import { type HandshakeMethod, isHandshake, readHandshake } from "./handshake.ts";
import { passthroughKey, repaired, tooManyToRead, unreadAnswer, unreadableAnswer } from "./lenient-messages.ts";

/*
 * The SDK validates results strictly, whatever schema a request was made with: under 2026-07-28 one invalid tool fails the whole list,
 * and one unknown content type the whole result. So each incoming result is stashed under a key that this validation accepts, and
 * unstashed for our own schemas.
 */

/** Valid as the result of any method that we read, under either protocol generation: it has the list members of all of them. */
const emptyResult = {
  resultType: "complete",
  ttlMs: 0,
  cacheScope: "private",
  tools: [],
  content: [],
  resources: [],
  resourceTemplates: [],
  contents: [],
  prompts: [],
  messages: [],
};

/** The schema to make requests with: unstashes the result as the server sent it. */
export const receivedResult = z
  .unknown()
  .transform((result) => (isRecord(result) && passthroughKey in result ? result[passthroughKey] : result));

/** The requests of one connection that are not answered yet, so that each answer is read as what it answers. */
export class OpenRequests {
  readonly #methods = new Map<string | number, string>();
  /** Answers of these requests that are passed on without what they say. */
  readonly #withheld = new Map<string | number, Record<string, unknown>>();

  /** To be called with each message before it is sent. */
  sent(message: unknown): void {
    if (!isRecord(message) || typeof message.method !== "string") return;
    if (isId(message.id)) this.#methods.set(message.id, message.method);
    const params = isRecord(message.params) ? message.params : {};
    if (message.method === "notifications/cancelled" && isId(params.requestId)) this.#done(params.requestId);
  }

  /** The id of a request that waits, from an id that may have become a text; of the only one that waits, for an answer without id. */
  find(id: unknown): string | number | undefined {
    if (id === undefined || id === null) return this.#methods.size === 1 ? [...this.#methods.keys()][0] : undefined;
    if (!isId(id)) return undefined;
    return [id, Number(id)].find((known) => this.#methods.has(known));
  }

  /** An error without an id, with the id of the only request that waits: it can be about no other. */
  addressed(message: unknown): unknown {
    if (!isRecord(message) || "method" in message || isId(message.id) || !("error" in message)) return message;
    const id = this.find(undefined);
    return id === undefined ? message : { ...message, id };
  }

  /** An error for the request that a text answers which nobody can read. Undefined for any other text. */
  unreadable(text: string): object | undefined {
    return unreadableAnswer(text, (id) => this.find(id));
  }

  /** The same for a text with more parts than are read. */
  unread(text: string): object | undefined {
    return unreadAnswer(text, (id) => this.find(id));
  }

  /**
   * An answer without its result or error, which `received` puts back: the schemas of the SDK would look at each part of it, and copy most.
   * What the SDK reads itself must have fewer parts. Undefined for the answer to no request that waits.
   */
  withoutResult(answer: Record<string, unknown>, text: string): object | undefined {
    const id = this.find(answer.id);
    if (id === undefined) return undefined;
    const isRead = isReadByUs(this.#methods.get(id) ?? "", answer);
    if (!isRead && hasMoreParts(text, limits.questionPartsMax)) return tooManyToRead(id);
    if (!isRead) return answer;
    this.#withheld.set(id, answer);
    return { jsonrpc: "2.0", id, result: {} };
  }

  methodOf(id: string | number): string | undefined {
    return this.#methods.get(id);
  }

  /**
   * Changes an incoming response in place, so that the SDK's client passes its result on unread. Other messages stay as they are.
   * @returns false for the answer to no request that waits. The SDK writes all of it into an error, however long or deep it is
   */
  received(message: unknown): boolean {
    if (!isRecord(message) || "method" in message) return true;
    const id = this.find(message.id);
    if (id === undefined) return false;
    const method = this.#methods.get(id) ?? "";
    const withheld = this.#withheld.get(id);
    this.#done(id);
    if (withheld !== undefined && "result" in message) {
      delete message.result;
      Object.assign(message, withheld, { id: message.id });
    }
    if (!isRecord(message.result)) return true;
    if (isHandshake(method)) replaceHandshake(message, method);
    else if (isOurs.test(method)) message.result = stashed(message.result);
    return true;
  }

  #done(id: string | number): void {
    this.#methods.delete(id);
    this.#withheld.delete(id);
  }
}

/** Neither the SDK nor its schemas read it, but what is ours. */
function isReadByUs(method: string, { result }: Record<string, unknown>): boolean {
  return isOurs.test(method) && (!isRecord(result) || isComplete(result));
}

/** The SDK itself reads `input_required` results. */
function isComplete({ resultType }: Record<string, unknown>): boolean {
  return resultType === undefined || resultType === "complete";
}

/** An id as JSON-RPC allows it. */
function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Requests whose results are read by us; the SDK reads the others, such as those of a subscription. */
const isOurs = /^(?:tools|resources|prompts)\//;

function stashed(result: Record<string, unknown>): Record<string, unknown> {
  if (!isComplete(result)) return result;
  return { ...emptyResult, [passthroughKey]: passthroughKey in result ? result[passthroughKey] : result };
}

/** A message repaired, and its result too if it answers a handshake. The method is that of the request, where it is known. */
export function repairedAnswer(message: unknown, method: string | undefined): unknown {
  const answer = repaired(message);
  if (method !== undefined && isHandshake(method) && isRecord(answer)) replaceHandshake(answer, method);
  return answer;
}

function replaceHandshake(message: Record<string, unknown>, method: HandshakeMethod): void {
  if (!isRecord(message.result)) return;
  const { result } = message;
  const reading = readHandshake(passthroughKey in result ? result[passthroughKey] : result, method);
  if (reading.kind === "read") message.result = reading.result;
  else {
    delete message.result;
    message.error = { code: internalError, message: reading.problem };
  }
}

/** JSON-RPC 2.0, section 5.1. */
const internalError = -32_603;
