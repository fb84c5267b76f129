import { isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import { almostJson } from "../mcp/almost-json.ts";
import { isHandshake } from "../mcp/handshake.ts";
import { manyDigitsIn } from "../mcp/integers.ts";
import { messagesIn, parseMessage, unreadableAnswer } from "../mcp/lenient-messages.ts";
import { type OpenRequests, repairedAnswer } from "../mcp/lenient-results.ts";

/** The request that a text answers, where the transport knows it. */
export interface Answered {
  id: string | number | undefined;
  method: string | undefined;
  /** All that wait at the connection. Left out where answers are passed on whole. */
  requests?: OpenRequests | undefined;
}

/** Found in messages that may need repair; others are not parsed a second time, which matters for large results. */
const suspect = /"error"\s*:|"_meta"\s*:\s*null|"result"\s*:\s*[^{\s]/;

/**
 * The text of a JSON-RPC message or batch, repaired for the SDK. What is no JSON is returned unchanged, unless it was to be the answer. Undefined
 * for a long one that answers no request.
 */
export function repairedText(text: string, answered?: Answered): string | undefined {
  if (!isLong(text) && isWhole(text, answered?.method)) return text;
  try {
    const body = parseMessage(text);
    return Array.isArray(body) ? batch(body, text, answered) : forSdk(body, text, answered);
  } catch {
    const failure = unreadableAnswer(text, (id) => (String(id) === String(answered?.id) ? answered?.id : undefined));
    return failure === undefined ? text : JSON.stringify(failure);
  }
}

function forSdk(message: unknown, text: string, answered: Answered | undefined): string | undefined {
  const mended = repairedAnswer(message, answered?.method);
  return JSON.stringify(
    isLong(text) && isAnswer(mended) && answered?.requests ? answered.requests.withoutResult(mended, text) : mended,
  );
}

/** Of a long one, only the answers. */
function batch(parts: readonly unknown[], text: string, answered: Answered | undefined): string {
  const known = answered && { ...answered, method: undefined };
  const read = isLong(text) ? parts.filter(isAnswer) : parts;
  return `[${read.flatMap((part) => forSdk(part, text, known) ?? []).join(",")}]`;
}

/** Whether it is too long to be read twice. */
function isLong(text: string): boolean {
  return text.length > limits.answerReadTwiceCharsMax;
}

function isWhole(text: string, method = ""): boolean {
  if (!/\}\s*$/.test(text.slice(-16)) || !text.includes('"jsonrpc"') || !/"(?:result|method)"/.test(text)) return false;
  return !suspect.test(text) && !almostJson.test(text) && !isHandshake(method) && !manyDigitsIn(text);
}

/**
 * The answer in the body of a response to one request, repaired, even between printed words. It gets the id of its request, because it
 * can answer no other. Undefined if there is none. A batch stays one.
 */
export function answerIn(body: string, answered: Answered): string | undefined {
  const found = messagesIn(body);
  const [only] = found;
  if (Array.isArray(only)) return only.some(isAnswer) ? batch(only, body, answered) : undefined;
  const answers = found.filter(isAnswer);
  const answer = answers.find(({ id }) => String(id) === String(answered.id)) ?? answers[0];
  if (answer === undefined) return undefined;
  const { result, error } = answer;
  const { id = answer.id } = answered;
  const whole = { jsonrpc: "2.0", id, ...("result" in answer && { result }), ...(error !== undefined && { error }) };
  return forSdk(whole, body, answered);
}

function isAnswer(message: unknown): message is Record<string, unknown> {
  return isRecord(message) && !("method" in message) && ("result" in message || "error" in message);
}
