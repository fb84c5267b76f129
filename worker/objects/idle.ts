import type { Alarms } from "./alarms.ts";

/** When the session was used last, in milliseconds since the epoch. */
const usedKey = "used-at";
/** How exactly that is known: every note of it is a write. */
const usedStepMs = 60 * 60_000;

interface IdleOptions {
  storage: DurableObjectStorage;
  alarms: Pick<Alarms<"idle">, "set" | "isSet">;
  now: () => number;
  /** After which a session counts as abandoned; undefined where none does. */
  idleMs: number | undefined;
}

/** Notices by an alarm that nobody has used a session for a long time. */
export class Idle {
  readonly #options: IdleOptions;

  constructor(options: IdleOptions) {
    this.#options = options;
  }

  used(): void {
    const { storage, alarms, now, idleMs } = this.#options;
    if (idleMs === undefined) return;
    const at = now();
    if (at - this.#usedAt() >= Math.min(usedStepMs, idleMs / 2)) storage.kv.put(usedKey, at);
    if (!alarms.isSet("idle")) alarms.set("idle", at + idleMs);
  }

  /** At its alarm: whether the session was abandoned. If it was not, the alarm is set again. */
  isOver({ isUsedNow }: { isUsedNow: boolean }): boolean {
    const { alarms, now, idleMs } = this.#options;
    if (idleMs === undefined) return false;
    const usedAt = isUsedNow ? now() : this.#usedAt();
    if (now() - usedAt >= idleMs) return true;
    alarms.set("idle", usedAt + idleMs);
    return false;
  }

  #usedAt(): number {
    return this.#options.storage.kv.get<number>(usedKey) ?? 0;
  }
}
