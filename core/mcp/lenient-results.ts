import { z } from "zod";

/*
 * The SDK validates results strictly, whatever schema a request was made with: under 2026-07-28 one invalid tool fails the whole list,
 * and one unknown content type the whole result. So each incoming result is stashed under a key that this validation accepts, and
 * unstashed for our own schemas.
 */

/** Holds the result as the server sent it, inside a result that the SDK accepts. */
const passthroughKey = "orchestrator/asReceived";

/** The list members of the results that we read: of tools, calls, resources and prompts. */
const lists = { tools: [], content: [], resources: [], resourceTemplates: [], contents: [], prompts: [], messages: [] };

/** Valid as the result of any of these methods, under either protocol generation. */
const emptyResult = { resultType: "complete", ttlMs: 0, cacheScope: "private", ...lists };

const ours = [...Object.keys(lists), "structuredContent", "isError"];

/** Changes an incoming response in place, so that the SDK's client passes its result on unread. Other messages stay as they are. */
export function stashResult(message: unknown): void {
  if (!isRecord(message) || !isRecord(message.result)) return;
  const { result } = message;
  // The SDK itself reads `input_required` results.
  const isAnswer = result.resultType === undefined || result.resultType === "complete";
  if (isAnswer && ours.some((member) => member in result)) message.result = { ...emptyResult, [passthroughKey]: result };
}

/** The schema to make requests with: unstashes the result as the server sent it. */
export const receivedResult = z
  .unknown()
  .transform((result) => (isRecord(result) && passthroughKey in result ? result[passthroughKey] : result));

/**
 * Repairs common deviations from JSON-RPC, such as `"error": null` beside a result or a missing `jsonrpc`, so that they do not cost the
 * answer. Returns anything else unchanged.
 */
export function repaired(message: unknown): unknown {
  if (!isRecord(message) || (message.jsonrpc !== undefined && message.jsonrpc !== "2.0")) return message;
  const { id, method, params, result, error } = message;
  // Not a message: for example a log line that happens to be JSON.
  if (method === undefined && id === undefined) return message;
  if (method !== undefined) return { ...message, jsonrpc: "2.0" };
  if (isRecord(error)) return { jsonrpc: "2.0", id, error: repairedError(error) };
  return params === undefined && isRecord(result) ? { jsonrpc: "2.0", id, result: withoutNullMeta(result) } : message;
}

function repairedError({ code, message, data }: Record<string, unknown>) {
  const isCode = typeof code === "number" && Number.isSafeInteger(code);
  const text = typeof message === "string" ? message : JSON.stringify(message ?? code ?? "no reason given");
  return { code: isCode ? code : internalError, message: text, ...(data === undefined ? {} : { data }) };
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
