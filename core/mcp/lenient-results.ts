import { z } from "zod";
import { isRecord } from "../json.ts";
import { type HandshakeMethod, isHandshake, readHandshake } from "./handshake.ts";
import { passthroughKey, repaired, unreadAnswer, unreadableAnswer } from "./lenient-messages.ts";

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

  /** To be called with each message before it is sent. */
  sent(message: unknown): void {
    if (!isRecord(message) || typeof message.method !== "string") return;
    if (isId(message.id)) this.#methods.set(message.id, message.method);
    const params = isRecord(message.params) ? message.params : {};
    if (message.method === "notifications/cancelled" && isId(params.requestId)) this.#methods.delete(params.requestId);
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

  methodOf(id: string | number): string | undefined {
    return this.#methods.get(id);
  }

  /** Changes an incoming response in place, so that the SDK's client passes its result on unread. Other messages stay as they are. */
  received(message: unknown): void {
    if (!isRecord(message) || "method" in message) return;
    const id = this.find(message.id);
    if (id === undefined) return;
    const method = this.#methods.get(id) ?? "";
    this.#methods.delete(id);
    if (!isRecord(message.result)) return;
    if (isHandshake(method)) replaceHandshake(message, method);
    else if (isOurs.test(method)) message.result = stashed(message.result);
  }
}

/** An id as JSON-RPC allows it. */
function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Requests whose results are read by us; the SDK reads the others, such as those of a subscription. */
const isOurs = /^(?:tools|resources|prompts)\//;

function stashed(result: Record<string, unknown>): Record<string, unknown> {
  // The SDK itself reads `input_required` results.
  if (result.resultType !== undefined && result.resultType !== "complete") return result;
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
