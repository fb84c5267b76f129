import { z } from "zod";

/*
 * The SDK validates what servers answer strictly: a tool with an odd schema costs, under protocol 2026-07-28, the whole list, and a
 * content type of the server's own the whole result, whatever schema the request was made with. So each result is stashed under a key
 * that its validation lets through, as the message comes in, and taken out again on the way to our own schemas.
 */

/** Holds the result as the server sent it, inside of one that the SDK accepts. */
const passthroughKey = "orchestrator/asReceived";

/** The lists that answers consist of which we read: of tools, calls, resources and prompts. */
const lists = { tools: [], content: [], resources: [], resourceTemplates: [], contents: [], prompts: [], messages: [] };

/** Valid as the result of any of these methods, under either protocol generation. */
const emptyResult = { resultType: "complete", ttlMs: 0, cacheScope: "private", ...lists };

const ours = [...Object.keys(lists), "structuredContent", "isError"];

/** Changes a message that came in so that the SDK's client passes its result on unread. Other messages stay as they are. */
export function stashResult(message: unknown): void {
  if (!isRecord(message) || !isRecord(message.result)) return;
  const { result } = message;
  // A server that wants input first is the SDK's to understand.
  const isAnswer = result.resultType === undefined || result.resultType === "complete";
  if (isAnswer && ours.some((member) => member in result)) message.result = { ...emptyResult, [passthroughKey]: result };
}

/** The schema to make requests with: any result, as the server sent it. */
export const receivedResult = z
  .unknown()
  .transform((result) => (isRecord(result) && passthroughKey in result ? result[passthroughKey] : result));

/**
 * A JSON-RPC message as its author meant it: what other libraries write beside the standard (`"error": null` next to a result), or
 * leave out, must not cost the answer. What is no object is returned as it is.
 */
export function repaired(message: unknown): unknown {
  if (!isRecord(message) || (message.jsonrpc !== undefined && message.jsonrpc !== "2.0")) return message;
  const { id, method, params, result, error } = message;
  // A line of a log that happens to be JSON is no message.
  if (method === undefined && id === undefined) return message;
  if (method !== undefined) return { ...message, jsonrpc: "2.0" };
  if (isRecord(error)) return { jsonrpc: "2.0", id, error: repairedError(error) };
  return params === undefined && isRecord(result) ? { jsonrpc: "2.0", id, result: withoutNullMeta(result) } : message;
}

function repairedError({ code, message, data }: Record<string, unknown>) {
  const isCode = typeof code === "number" && Number.isSafeInteger(code);
  const words = typeof message === "string" ? message : JSON.stringify(message ?? code ?? "no reason given");
  return { code: isCode ? code : internalError, message: words, ...(data === undefined ? {} : { data }) };
}

/** JSON-RPC 2.0, section 5.1. */
const internalError = -32_603;

function withoutNullMeta(result: Record<string, unknown>): Record<string, unknown> {
  if (isRecord(result._meta) || result._meta === undefined) return result;
  const { _meta, ...rest } = result;
  return rest;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
