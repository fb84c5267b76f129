import { OrchestratorError } from "../errors.ts";
import { isDeeperJson, type JsonValue } from "../json.ts";
import { argumentsDepthMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import { keepDigits } from "../mcp/integers.ts";
import { isLongToSend, moreThanIsSent } from "../mcp/message-bounds.ts";
import { wellFormedJson } from "../text.ts";

/**
 * The arguments of one call as user code sent them, without lone surrogates. A BigInt arrives as a marked string (core/json.ts).
 * @throws OrchestratorError `invalid_arguments`
 */
export function readArguments(argsJson: string, { server, tool }: { server: string; tool: string }): Record<string, JsonValue> {
  if (argsJson.length > limits.callArgumentsCharsMax) {
    throw new OrchestratorError(
      "invalid_arguments",
      `The arguments of ${server}.${tool} have more than the ${limits.callArgumentsCharsMax} characters that are sent. Send them in parts.`,
      { server, tool },
    );
  }
  if (isDeeperJson(argsJson, limits.argumentsDepthMax)) {
    throw new OrchestratorError("invalid_arguments", argumentsDepthMessage, { server, tool });
  }
  if (isLongToSend(argsJson)) {
    throw new OrchestratorError(
      "invalid_arguments",
      `The arguments of ${server}.${tool} have ${moreThanIsSent}. Send less at a time.`,
      { server, tool },
    );
  }
  const text = wellFormedJson(argsJson);
  const value = readJson(text);
  if (isArguments(value)) {
    refuseRounded(value, text, `${server}.${tool}`);
    return value;
  }
  throw new OrchestratorError("invalid_arguments", `${server}.${tool} takes one object with named arguments.`, { server, tool });
}

/** Undefined for text that is not JSON: user code can make the shim send anything. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Refused by the caller like any other wrong value.
    return undefined;
  }
}

/** What JSON.parse yields is a JsonValue already; only objects are arguments. */
function isArguments(value: unknown): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A number beyond 2^53 has lost its last digits when the program was read. It is an id far more often than a measure, and another
 * id would be sent.
 */
function refuseRounded(args: Record<string, JsonValue>, argsJson: string, subject: string): void {
  const exact = keepDigits(argsJson);
  if (exact === argsJson) return;
  const found = firstRounded(args, readJson(exact), { path: "", depth: 0 }) ?? { path: "far inside", value: "too long" };
  throw new OrchestratorError(
    "invalid_arguments",
    `${subject} was not called: its argument ${found.path} is ${found.value}, and a number above ${Number.MAX_SAFE_INTEGER} may not have the digits that were written. Write a BigInt, the digits followed by n: it is sent as the integer that it is. Or write a string, if the tool takes one.`,
  );
}

/** The first place where the text has an integer that is a string when its digits are kept. */
function firstRounded(
  value: unknown,
  exact: unknown,
  { path, depth }: { path: string; depth: number },
): { path: string; value: number } | undefined {
  if (typeof value === "number") return typeof exact === "string" ? { path, value } : undefined;
  if (typeof value !== "object" || value === null || typeof exact !== "object" || exact === null) return undefined;
  if (depth >= limits.resultDepthMax) return undefined;
  const isList = Array.isArray(value);
  const exactly = new Map<string, unknown>(Object.entries(exact));
  for (const [key, member] of Object.entries(value)) {
    const place = isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const found = firstRounded(member, exactly.get(key), { path: place, depth: depth + 1 });
    if (found) return found;
  }
  return undefined;
}
