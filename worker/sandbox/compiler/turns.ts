import type { Clock } from "../../../core/clock.ts";

/*
 * Whose program the compiler reads. The state belongs to this Worker's process, not to a session, because all sessions share one
 * compiler. It gets one program at a time: the one that it does not finish is then certainly at fault.
 */

interface Ticket {
  /** Its place in the queue is that of a program that arrived then. */
  arrivedAt: number;
  /** Of a session at work. */
  isKnown: boolean;
  isReading: boolean;
  /** A session that was evicted does not say that its program is gone: after that time it counts as gone. */
  expiresAt: number;
}

const queue: Ticket[] = [];

/** How often the first of those that wait looks whether it is its turn; those behind it look less often. */
const pollMs = 3;
/** How long a waiting program counts as present. Far more than a busy process leaves between two looks. */
const presentMs = 15_000;

export interface Turn extends Disposable {
  /** The turn ends by itself after so long from now on. */
  lastsAtMost(ms: number): void;
  /** It took long: of those that waited meanwhile, sessions at work do not wait for a second such program. */
  heldUp(): void;
}

/**
 * Waits for the compiler's next turn, first come, first served.
 * @param penaltyMs the program waits behind those that arrive within this time, too; 0 for one of a session at work
 * @throws the signal's reason
 */
export async function takeTurn(clock: Clock, { penaltyMs, signal }: { penaltyMs: number; signal: AbortSignal }): Promise<Turn> {
  const ticket: Ticket = {
    ...{ arrivedAt: clock.now() + penaltyMs, isKnown: penaltyMs === 0 },
    ...{ isReading: false, expiresAt: clock.now() + presentMs },
  };
  enqueue(ticket);
  try {
    for (;;) {
      signal.throwIfAborted();
      dropExpired(clock.now());
      // Others have dropped it because it did not look for too long.
      if (!queue.includes(ticket)) enqueue(ticket);
      const position = queue.indexOf(ticket);
      if (position === 0) break;
      ticket.expiresAt = clock.now() + presentMs;
      await passed(clock, pollMs * position);
    }
  } catch (error) {
    leave(ticket);
    throw error;
  }
  ticket.isReading = true;
  return {
    lastsAtMost(ms) {
      ticket.expiresAt = clock.now() + ms;
    },
    heldUp() {
      const first = Math.min(...queue.map(({ arrivedAt }) => arrivedAt));
      for (const other of queue.filter(({ isKnown, isReading }) => isKnown && !isReading)) {
        leave(other);
        other.arrivedAt = Math.min(other.arrivedAt, first - 1);
        enqueue(other);
      }
    },
    [Symbol.dispose]: () => leave(ticket),
  };
}

function enqueue(ticket: Ticket): void {
  const later = queue.findIndex((other) => !other.isReading && other.arrivedAt > ticket.arrivedAt);
  queue.splice(later === -1 ? queue.length : later, 0, ticket);
}

function leave(ticket: Ticket): void {
  const position = queue.indexOf(ticket);
  if (position !== -1) queue.splice(position, 1);
}

function dropExpired(now: number): void {
  for (const ticket of [...queue]) if (ticket.expiresAt < now) leave(ticket);
}

/**
 * Waits by a timer of its own, and not for another session to say that it has finished: that session may be gone, and a promise
 * that only another session can resolve counts as hanging.
 */
function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
