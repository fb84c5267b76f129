import { type CallEntry, mostTelling } from "../calls/call-summary.ts";
import type { Clock } from "../clock.ts";
import type { PublicError } from "../errors.ts";
import { isChatter, type RunLine } from "../log-line.ts";
import type { Store } from "../store.ts";
import { answerLimits } from "./answer-limits.ts";
import { keepDetails } from "./kept-results.ts";
import type { Outcome } from "./outcome.ts";
import { cutToTokens, jsonTokens } from "./token-estimate.ts";

/** Nothing that costs more than a whole answer need be read to its end. */
const costOf = (value: unknown): number => jsonTokens(value, answerLimits.answerTokensMax);

interface Keep {
  store: Store;
  clock: Clock;
  newHandle: () => string;
}

/**
 * What a model reads of an outcome. What the program returned stands as it is, and so do the lines of a `maxLogs` that was sent; other lines
 * have a budget of their own. All that comes with them (errors that quote a server, calls that failed, a hint) has another one, of which
 * each part takes what the others leave. What is cut is kept for a later run.
 */
export function answerOf(outcome: Outcome, input: unknown, keep: Keep): Outcome {
  const { result, logs, errors, calls, hint, images: _images, ...rest } = outcome;
  const areLogsAsked = (Object(input).maxLogs ?? undefined) !== undefined;
  const shownLogs = areLogsAsked ? logs : logs && fittingLines(logs, { isFromEnd: !outcome.ok });
  const { answerTokensMax, besideTokensMin, requestIdTokens, shortenedTokens } = answerLimits;
  const asked = costOf(result) + costOf(shownLogs);
  const room = Math.max(answerTokensMax - asked, besideTokensMin) - costOf(rest) - requestIdTokens;
  const isFitting = costOf({ errors, calls, hint }) <= room;
  if (isFitting && shownLogs === logs) return outcome;
  let left = isFitting ? Number.POSITIVE_INFINITY : room - shortenedTokens;
  /** As much as it wants if the others have enough too, and its share in any case. */
  const roomFor = (others: readonly unknown[], share: number) =>
    Math.max(left - others.reduce<number>((sum, other) => sum + costOf(other), 0), Math.floor(left * share));
  const told = hint && cutToTokens(hint, roomFor([errors, calls], 0.25));
  left -= costOf(told);
  const shownErrors = errors && fittingErrors(errors, roomFor([calls], 0.6));
  left -= costOf(shownErrors);
  const shownCalls = calls && mostTelling(calls, { max: left, costOf });
  const isCut = told !== hint || !isSame(errors, shownErrors) || shownLogs !== logs;
  return {
    ...outcome,
    ...(told !== undefined && { hint: told }),
    ...(shownErrors && { errors: shownErrors }),
    ...(shownLogs && linesOf(outcome, shownLogs)),
    ...(shownCalls && callsOf(outcome, shownCalls, keep)),
    ...(isCut ? shortened({ errors, logs, hint }, told, keep) : {}),
  };
}

/** The first is told in any case, shortened if need be; the others as long as there is room. */
function fittingErrors(errors: readonly PublicError[], tokensMax: number): PublicError[] {
  const shown: PublicError[] = [];
  let left = tokensMax;
  for (const error of errors) {
    const { frame: _frame, ...placed } = error;
    const whole = [error, placed].find((form) => costOf(form) <= left);
    if (whole === undefined && shown.length > 0) break;
    const fitting = whole ?? cutError(error, left);
    shown.push(fitting);
    left -= costOf(fitting);
  }
  return shown;
}

/** Its message may quote a server, its frame is the program's own, its suggestions stand in the message too. */
function cutError({ message, frame, suggestions: _suggestions, ...rest }: PublicError, tokensMax: number): PublicError {
  const around = { ...rest, message: "", ...(frame !== undefined && costOf(frame) <= tokensMax / 4 && { frame }) };
  const messageMax = Math.max(tokensMax - costOf(around), answerLimits.messageTokensMin);
  return { ...around, message: cutToTokens(message, messageMax) };
}

/** What servers chatter goes first. Of a program that failed, the last lines tell more. */
function fittingLines(lines: RunLine[], { isFromEnd }: { isFromEnd: boolean }): RunLine[] {
  let left: number = answerLimits.logsTokensMax;
  if (jsonTokens(lines, left) <= left) return lines;
  const telling = lines.filter((line) => !isChatter(line));
  const shown: RunLine[] = [];
  for (const line of isFromEnd ? telling.toReversed() : telling) {
    const cost = jsonTokens(line, left);
    if (cost > left) {
      const messageMax = left - costOf({ ...line, message: "" });
      if (messageMax >= answerLimits.messageTokensMin) shown.push({ ...line, message: cutToTokens(line.message, messageMax) });
      break;
    }
    shown.push(line);
    left -= cost;
  }
  return isFromEnd ? shown.reverse() : shown;
}

function linesOf({ logs = [], logsDropped = 0 }: Outcome, shown: RunLine[]): Pick<Outcome, "logs" | "logsDropped"> {
  const dropped = logsDropped + logs.length - shown.length;
  return { logs: shown, ...(dropped > 0 && { logsDropped: dropped }) };
}

/** The entries that are left out are kept, unless all of the ledger is. */
function callsOf({ calls = [], callsOmitted = 0, callsHandle }: Outcome, shown: CallEntry[], keep: Keep): Partial<Outcome> {
  const omitted = callsOmitted + countOf(calls) - countOf(shown);
  if (omitted === callsOmitted) return { calls };
  const handle = callsHandle ?? kept(calls, keep);
  return { calls: shown, callsOmitted: omitted, ...(handle && { callsHandle: handle }) };
}

function countOf(calls: readonly CallEntry[]): number {
  return calls.reduce((sum, { count = 1 }) => sum + count, 0);
}

function shortened(whole: object, told: string | undefined, keep: Keep): Partial<Outcome> {
  const wholeHandle = kept(whole, keep);
  if (wholeHandle === undefined) return {};
  const next = `Shortened: results.get("${wholeHandle}") of "runtime" has all errors and logs, in a later run.`;
  return { hint: told ? `${told} ${next}` : next, wholeHandle };
}

/** Undefined if it cannot be stored: the answer must not be lost for its details. */
function kept(details: unknown, keep: Keep): string | undefined {
  const handle = keep.newHandle();
  try {
    keepDetails(keep, { handle, json: JSON.stringify(details) });
    return handle;
  } catch {
    return undefined;
  }
}

function isSame(one: readonly unknown[] = [], other: readonly unknown[] = []): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
