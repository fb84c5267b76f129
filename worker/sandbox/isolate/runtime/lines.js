/*
 * Sends printed lines to the session in batches. A line is sent at once, unless a batch is under way or was sent less than
 * `gapMs` ago: then it waits for the next batch. Lines are numbered, so that the session recognizes a line that is sent twice.
 */

import { inert } from "./intrinsics.js";
import { startTimer, stopTimer } from "./timers.js";
import { cut } from "./words.js";

/**
 * @param {{ lines: number, lineChars: number, chars: number, gapMs: number }} bounds
 * @param {(batch: { from: number, lines: object[], dropped: number }) => Promise<void>} send rejects if the batch did not arrive
 */
export function createLines(bounds, send) {
  /** Lines that are not confirmed yet. `from` is the number of the first. */
  let waiting = inert([]);
  let from = 0;
  let chars = 0;
  let dropped = 0;
  let droppedSent = 0;
  let isSending = false;
  let hasEnded = false;
  let timer;
  let sending;

  function sendWaiting() {
    if (isSending || hasEnded || (waiting.length === 0 && dropped === droppedSent)) return;
    isSending = true;
    sending = sendBatch();
  }

  async function sendBatch() {
    const lines = tail(waiting, 0);
    const droppedNow = dropped;
    try {
      await send({ __proto__: null, from, lines, dropped: droppedNow });
      waiting = tail(waiting, lines.length);
      from += lines.length;
      droppedSent = droppedNow;
    } catch {
      // Lines that did not arrive are sent with the next batch, or with the report.
    }
    if (hasEnded) return;
    timer = startTimer(() => {
      isSending = false;
      sendWaiting();
    }, bounds.gapMs);
  }

  return {
    /** Whether another line would be kept. If not, it need not be formatted. */
    hasRoom: () => from + waiting.length < bounds.lines && chars < bounds.chars,

    drop() {
      dropped += 1;
      sendWaiting();
    },

    add(level, text) {
      const message = text.length <= bounds.lineChars ? text : `${cut(text, bounds.lineChars)}…`;
      chars += message.length;
      waiting[waiting.length] = { __proto__: null, level, message };
      sendWaiting();
    },

    /** Resolves when the batch under way has arrived. If it were cut off, it would be sent twice and log an error. */
    delivered: () => sending,

    /** Ends sending and returns the remaining lines, which go into the report. */
    end() {
      hasEnded = true;
      stopTimer(timer);
      return { __proto__: null, logs: waiting, logsFrom: from, logsDropped: dropped };
    },
  };
}

/** A copy from that index on. It has no prototype, because the program could define a setter for an index there. */
function tail(list, start) {
  const copy = inert([]);
  for (let index = start; index < list.length; index++) copy[index - start] = list[index];
  return copy;
}
