import { replyText } from "../calls/tool-caller.ts";
import type { ErrorCode } from "../errors.ts";
import { argumentsDepthMessage, argumentsInFlightMessage, callsInFlightMessage, runtimeCallsMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import type { Verdict } from "../policy/rules.ts";
import { runtimeLimits } from "./runtime-limits.ts";

/**
 * Bounds that are applied inside the isolate, so that nothing too large leaves it: otherwise the platform's own bound on a message
 * would be reached first, and its error explains nothing. All of them are checked again outside.
 */
export interface IsolateBounds {
  logs: { lines: number; lineChars: number; chars: number; gapMs: number };
  result: { chars: number; depth: number };
  sessionValue: { chars: number; depth: number };
  /** JSON of one call's arguments. */
  argumentsChars: number;
  /** JSON of the arguments of one call to the module runtime. */
  runtimeArgumentsChars: number;
  /**
   * Calls in flight at once, those of them to the module runtime, and the length of the arguments of all; and the replies to one
   * more. They are refused inside: ten thousand outgoing calls would fill the process.
   */
  inFlight: {
    calls: number;
    runtimeCalls: number;
    chars: number;
    tooManyJson: string;
    tooManyRuntimeJson: string;
    tooMuchJson: string;
    /** The reply to a call whose arguments nest too deep to be written. */
    tooDeepJson: string;
  };
  error: { messageChars: number; stackChars: number };
}

function refusalJson(code: ErrorCode, message: string, verdict?: Verdict): string {
  return replyText({ ok: false, error: { code, message, ...verdict } });
}

export function isolateBounds(logLinesMax: number): IsolateBounds {
  const depth = limits.resultDepthMax;
  return {
    logs: { lines: logLinesMax, lineChars: limits.logLineCharsMax, chars: limits.logCharsMax, gapMs: limits.logGapMs },
    result: { chars: limits.resultCharsMax, depth },
    sessionValue: { chars: limits.sessionValueCharsMax, depth },
    argumentsChars: limits.callArgumentsCharsMax,
    runtimeArgumentsChars: runtimeLimits.runtimeArgumentsCharsMax,
    inFlight: {
      calls: limits.callsInFlightMax,
      runtimeCalls: runtimeLimits.runtimeCallsInFlightMax,
      chars: limits.argumentCharsInFlightMax,
      tooManyJson: refusalJson("too_many_calls", callsInFlightMessage, {
        rule: "callsInFlight",
        limit: limits.callsInFlightMax,
      }),
      tooManyRuntimeJson: refusalJson(
        "too_many_calls",
        runtimeCallsMessage(`${runtimeLimits.runtimeCallsInFlightMax} in flight at once`),
      ),
      tooMuchJson: refusalJson("too_many_calls", argumentsInFlightMessage, {
        rule: "argumentsInFlight",
        limit: limits.argumentCharsInFlightMax,
      }),
      tooDeepJson: refusalJson("invalid_arguments", argumentsDepthMessage),
    },
    // One character more than is shown, so that the cut is visible outside.
    error: { messageChars: limits.errorCharsMax + 1, stackChars: limits.stackCharsMax },
  };
}
