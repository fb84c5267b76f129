import type { CallReply } from "../calls/tool-caller.ts";
import { callsInFlightMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";

/**
 * The bounds that hold already inside the isolate, so that what is too much never leaves it: a platform's own bound on one
 * message would be met first, with an error that explains nothing. All of them are checked again outside.
 */
export interface IsolateBounds {
  logs: { lines: number; lineChars: number; chars: number; gapMs: number };
  result: { chars: number; depth: number };
  sessionValue: { chars: number; depth: number };
  /** JSON of one call's arguments. */
  argumentsChars: number;
  /** Calls under way at once, and the reply to one more. It is given inside: ten thousand on their way out fill the process. */
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
    // One more than is shown, so that what is cut outside is seen to be.
    error: { messageChars: limits.errorCharsMax + 1, stackChars: limits.stackCharsMax },
  };
}
