/*
 * What a program printed, on its way to the session: at once while nothing is under way, then what has gathered
 * meanwhile, no more often than the gap allows. Lines carry their number, so that what is sent twice is counted once.
 */

import { inert } from "./intrinsics.js";
import { startTimer, stopTimer } from "./timers.js";
import { cut } from "./words.js";

/**
 * @param {{ lines: number, lineChars: number, chars: number, gapMs: number }} bounds
 * @param {(batch: { from: number, lines: object[], dropped: number }) => Promise<void>} send rejects when it did not arrive
 */
export function createLines(bounds, send) {
  /** Not yet known to have arrived; `from` is the number of the first. */
  let waiting = inert([]);
  let from = 0;
  let chars = 0;
  let dropped = 0;
  let droppedTold = 0;
  let isSending = false;
  let hasEnded = false;
  let timer;
  let sending;

  function sendWaiting() {
    if (isSending || hasEnded || (waiting.length === 0 && dropped === droppedTold)) return;
    isSending = true;
    sending = sendBatch();
  }

  async function sendBatch() {
    const lines = tail(waiting, 0);
    const told = dropped;
    try {
      await send({ __proto__: null, from, lines, dropped: told });
      waiting = tail(waiting, lines.length);
      from += lines.length;
      droppedTold = told;
    } catch {
      // What did not arrive stays for the next batch, and for the report at the latest.
    }
    if (hasEnded) return;
    timer = startTimer(() => {
      isSending = false;
      sendWaiting();
    }, bounds.gapMs);
  }

  return {
    /** Whether another line would be kept: what is not need not be put into words. */
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

    /** Resolves when the batch under way has arrived: cut off, it would be sent twice and complain. */
    delivered: () => sending,

    /** What the report has to carry. Nothing is sent after it. */
    end() {
      hasEnded = true;
      stopTimer(timer);
      return { __proto__: null, logs: waiting, logsFrom: from, logsDropped: dropped };
    },
  };
}

/** A copy from that index on. Without a prototype, which a program could give a setter for an index. */
function tail(list, start) {
  const copy = inert([]);
  for (let index = start; index < list.length; index++) copy[index - start] = list[index];
  return copy;
}
