import type { CallReply } from "../calls/tool-caller.ts";
import { callsInFlightMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";

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
  /** Calls in flight at once, and the reply to one more. It is refused inside: ten thousand outgoing calls would fill the process. */
  inFlight: { calls: number; refusalJson: string };
  error: { messageChars: number; stackChars: number };
}

const tooManyInFlight: CallReply = { ok: false, error: { code: "too_many_calls", message: callsInFlightMessage } };

export function isolateBounds(logLinesMax: number): IsolateBounds {
  const depth = limits.resultDepthMax;
  return {
    logs: { lines: logLinesMax, lineChars: limits.logLineCharsMax, chars: limits.logCharsMax, gapMs: limits.logGapMs },
    result: { chars: limits.resultCharsMax, depth },
    sessionValue: { chars: limits.sessionValueCharsMax, depth },
    argumentsChars: limits.callArgumentsCharsMax,
    inFlight: { calls: limits.callsInFlightMax, refusalJson: JSON.stringify(tooManyInFlight) },
    // One character more than is shown, so that the cut is visible outside.
    error: { messageChars: limits.errorCharsMax + 1, stackChars: limits.stackCharsMax },
  };
}
