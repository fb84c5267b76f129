import { OrchestratorError } from "../errors.ts";
import { isDeeperJson, type JsonValue } from "../json.ts";
import { argumentsDepthMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";

/**
 * The arguments of one call as user code sent them.
 * @throws OrchestratorError `invalid_arguments`
 */
export function readArguments(argsJson: string, { server, tool }: { server: string; tool: string }): Record<string, JsonValue> {
  if (argsJson.length > limits.callArgumentsCharsMax) {
    throw new OrchestratorError(
      "invalid_arguments",
      `The arguments of ${server}.${tool} are ${argsJson.length} characters; at most ${limits.callArgumentsCharsMax} are sent.`,
      { server, tool },
    );
  }
  if (isDeeperJson(argsJson, limits.argumentsDepthMax)) {
    throw new OrchestratorError("invalid_arguments", argumentsDepthMessage, { server, tool });
  }
  const value = readJson(argsJson);
  if (isArguments(value)) return value;
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
