import { endOfString, isDeeper, isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import { parseAlmostJson } from "./almost-json.ts";
import { keepDigits } from "./integers.ts";
import { answeredTooManyParts, answeredTooMuch, moreParts } from "./message-bounds.ts";

/*
 * JSON-RPC messages as servers really write them: with printed words on the same line, `"error": null` beside a result, PHP's `[]`
 * for an empty object, integers that a double cannot hold, or Python's NaN.
 */

/** Holds a result as the server sent it, inside a result that the SDK accepts. */
export const passthroughKey = "orchestrator/asReceived";

/**
 * The message in a JSON text. Its integers keep their digits, except in lists, handshakes and questions, where schemas have bounds
 * such as 9223372036854775807 that must stay numbers.
 *
 * @throws SyntaxError
 */
export function parseMessage(text: string): unknown {
  const exactText = keepDigits(text);
  const exact: unknown = parseAlmostJson(exactText);
  if (exactText === text || ![exact].flat().some(hasSchemas)) return exact;
  const rounded: unknown = parseAlmostJson(text);
  if (!Array.isArray(exact) || !Array.isArray(rounded)) return rounded;
  return exact.map((message, index) => (hasSchemas(message) ? rounded[index] : message));
}

function hasSchemas(message: unknown): boolean {
  if (!isRecord(message)) return false;
  if (typeof message.method === "string") return message.method !== "notifications/message";
  return isRecord(message.result) && withSchemas.some((member) => isRecord(message.result) && member in message.result);
}

/** Members of the results that contain schemas: of lists of tools, of handshakes, and of `input_required`. */
const withSchemas = ["tools", "capabilities", "inputRequests"];

/**
 * The messages in a line. It should be exactly one; but some servers print words before an answer without ending the line, write
 * two messages on one line, or frame them with headers. After other text only answers count: a server that logs what it receives
 * must not be taken for one that sends requests.
 */
export function messagesIn(line: string): unknown[] {
  // Most printed words: to parse each of thousands of lines, and to find that it is none, takes seconds.
  if (!line.includes("{")) return [];
  try {
    return [parseMessage(line)];
  } catch {
    // Not one message: it is searched for some.
  }
  const found: unknown[] = [];
  let charsTried = 0;
  for (let at = nextStart(line, 0), tries = 0; at !== -1 && tries < startsMax && charsTried < triedCharsMax; tries++) {
    const end = endOfObject(line, at);
    charsTried += (end ?? line.length) - at;
    const message = end === undefined ? undefined : parsed(line.slice(at, end));
    const isPlain = line.slice(0, at).trim() === "" || found.length > 0;
    if (isRecord(message) && (isPlain || !("method" in message))) found.push(message);
    at = nextStart(line, message === undefined || end === undefined ? at + 1 : end);
  }
  return found;
}

/** Objects of a line that are tried: more is not a message with noise around it. */
const startsMax = 20;
/** And their characters, all together: each try reads up to the end of the line. */
const triedCharsMax = 16 * 1024 * 1024;

function nextStart(line: string, from: number): number {
  const pattern = /\{\s{0,8}"(?:jsonrpc|id|result|error|method|params)"/g;
  pattern.lastIndex = from;
  return pattern.exec(line)?.index ?? -1;
}

/** The index after the object that begins at `start`; undefined if it does not end. Reads each character once. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = endOfString(text, at);
    else if (unit === openBrace) depth += 1;
    else if (unit === closeBrace) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

const [quote, openBrace, closeBrace] = [0x22, 0x7b, 0x7d];

function parsed(text: string): unknown {
  try {
    return parseMessage(text);
  } catch {
    // Text in braces that is not JSON.
    return undefined;
  }
}

/**
 * Repairs common deviations from JSON-RPC, such as `"error": null` beside a result or a missing `jsonrpc`, so that they do not cost the
 * answer. A result that is not an object is put into one. Returns anything else unchanged.
 */
export function repaired(message: unknown): unknown {
  if (!isRecord(message) || (message.jsonrpc !== undefined && !isVersion(message.jsonrpc))) return message;
  const { id, method, result, error } = message;
  if (method !== undefined) return { ...message, jsonrpc: "2.0" };
  // Not a message: for example a log line that happens to be JSON.
  if ((id === undefined || id === null) && !isFailure(error)) return message;
  if (message.jsonrpc === undefined && !Object.keys(message).every((member) => answerMembers.includes(member))) return message;
  if (isFailure(error) || (!("result" in message) && error !== undefined)) {
    return { jsonrpc: "2.0", ...(id === null ? {} : { id }), error: repairedError(error) };
  }
  if (!("result" in message)) return { jsonrpc: "2.0", id, error: { code: internalError, message: withoutResult(message) } };
  return { jsonrpc: "2.0", id, result: isRecord(result) ? withoutNullMeta(result) : { [passthroughKey]: result } };
}

const answerMembers = ["id", "result", "error"];

function isVersion(value: unknown): boolean {
  return Number(value) === 2;
}

/** Whether it says that something failed: null, "" and empty objects beside a result do not. */
function isFailure(error: unknown): boolean {
  if (typeof error === "object" && error !== null) return Object.keys(error).length > 0;
  return error !== undefined && error !== null && error !== "" && error !== false;
}

function withoutResult(message: Record<string, unknown>): string {
  const members = Object.keys(message).filter((member) => member !== "jsonrpc" && member !== "id");
  const what = members.length === 0 ? "nothing else" : members.slice(0, namedMembersMax).join(", ");
  return `the server's answer has neither a result nor an error, but ${what}`;
}

const namedMembersMax = 5;

function repairedError(error: unknown) {
  if (!isRecord(error)) {
    return { code: internalError, message: typeof error === "string" && error !== "" ? error : wordsOf(error) };
  }
  const { code, message, data } = error;
  const number = typeof code === "string" && code.trim() !== "" ? Number(code) : code;
  const text = typeof message === "string" ? message : wordsOf(message ?? code ?? error);
  return {
    code: typeof number === "number" && Number.isSafeInteger(number) ? number : internalError,
    message: text,
    ...(data === undefined ? {} : { data }),
  };
}

function wordsOf(reason: unknown): string {
  const isEmpty = reason === null || (typeof reason === "object" && Object.keys(reason).length === 0) || reason === "";
  if (isEmpty) return "no reason given";
  return isDeeper(reason, limits.answerDepthMax) ? "a reason that nests too deep to be shown" : JSON.stringify(reason);
}

interface Failed {
  jsonrpc: "2.0";
  id: string | number;
  error: object;
}

/** The id of the request that waits, from the one that is written. */
type Find = (id: unknown) => string | number | undefined;

/**
 * The failure of the request that a text answers which nobody can read: its line or event was cut off, or is no JSON. Undefined for a text
 * that is no answer to a request that waits.
 */
export function unreadableAnswer(text: string, find: Find): Failed | undefined {
  return failed(text, find, { message: `the server's answer is no JSON, or only a part of it (${text.length} characters)` });
}

/** The same for an answer that is too large, or has more parts than `answerPartsMax`, and is not read. The message reads after the tool. */
export function unreadAnswer(text: string, find: Find): Failed | undefined {
  const isTooLarge = text.length > limits.frameBytesMax;
  const message = isTooLarge ? answeredTooMuch(`${text.length} characters`) : answeredTooManyParts;
  return failed(text, find, { message, data: isUnread });
}

/** The failure of a request whose answer has more parts than `questionPartsMax`, and would be read by schemas. */
export function tooManyToRead(id: string | number): Failed {
  const message = `the server's answer has ${moreParts(limits.questionPartsMax)}, and is no result of a call or a list`;
  return { jsonrpc: "2.0", id, error: { code: internalError, message } };
}

/** The `data` of that error. Recognised by its identity, so that no server can send it. */
export const isUnread: unique symbol = Symbol("unread");

function failed(text: string, find: Find, error: object): Failed | undefined {
  const head = answerHead.exec(text);
  const written = head && (head[1] ?? answerEnd.exec(text.slice(-answerEndCharsMax))?.[1]);
  const id = typeof written === "string" ? find(JSON.parse(written)) : undefined;
  return id === undefined ? undefined : { jsonrpc: "2.0", id, error: { code: internalError, ...error } };
}

/** Of an answer that is not parsed: what comes before its result or error, with its id, unless that comes last. */
const answerHead =
  /^\ufeff?\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?(?:"id"\s*:\s*("[\w-]{0,100}"|-?\d{1,20})\s*,\s*)?(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"(?:result|error)"\s*:/;
const answerEnd = /,\s*"id"\s*:\s*("[\w-]{0,100}"|-?\d{1,20})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/;
const answerEndCharsMax = 200;

/** JSON-RPC 2.0, section 5.1. */
const internalError = -32_603;

function withoutNullMeta(result: Record<string, unknown>): Record<string, unknown> {
  if (isRecord(result._meta) || result._meta === undefined) return result;
  const { _meta, ...rest } = result;
  return rest;
}
