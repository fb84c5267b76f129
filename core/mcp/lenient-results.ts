import { z } from "zod";

/*
 * The SDK reads what servers say strictly: a tool with an odd schema costs, under protocol 2026-07-28, the whole listing, and a
 * content type of the server's own the whole result, with whatever schema the request is made. So lists and
 * results of calls are put out of its parsers' sight as they come in, and our own schemas read them.
 */

/** Takes the place of a result that only we read. */
const shelter = "orchestrator/asReceived";

/** The lists that answers are made of which we read: of tools, calls, resources and prompts. */
const lists = { tools: [], content: [], resources: [], resourceTemplates: [], contents: [], prompts: [], messages: [] };

/** What its parsers ask of a result under either protocol generation. */
const hull = { resultType: "complete", ttlMs: 0, cacheScope: "private", ...lists };

const ours = [...Object.keys(lists), "structuredContent", "isError"];

/** Changes a message that came in so that the SDK's client passes it on. Other messages stay as they are. */
export function loosen(message: unknown): void {
  if (!isRecord(message) || !isRecord(message.result)) return;
  const { result } = message;
  // A server that wants something first is the SDK's to answer.
  const isAnswer = result.resultType === undefined || result.resultType === "complete";
  if (isAnswer && ours.some((member) => member in result)) message.result = { ...hull, [shelter]: result };
}

/** The schema of a result that `loosen` may have sheltered. */
export function loosely<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((result) => (isRecord(result) && shelter in result ? result[shelter] : result), schema);
}

/**
 * A JSON-RPC message as its author meant it: the parts that other libraries also write (`"error": null` beside a result), or leave
 * out, cost nobody an answer. What is no object is returned as it is.
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
