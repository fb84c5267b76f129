import type { Clock } from "../clock.ts";
import type { Holder, TakenPlaces, WantedPlaces } from "./account.ts";
import { policyLimits } from "./policy-limits.ts";

interface Waiting {
  wanted: WantedPlaces;
  answer: (taken: TakenPlaces) => void;
}

interface Held {
  life: string;
  heardAt: number;
  places: Map<string, number>;
}

/**
 * The places at servers that the sessions of a principal hold at the same time. In memory: while a place is held its session is
 * heard of, and after a restart it says what it holds.
 */
export class AccountPlaces {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(of: string, wanted: WantedPlaces): Promise<TakenPlaces> {
    this.#hear(wanted.holder);
    const queue = this.#waiting.get(of) ?? [];
    this.#waiting.set(of, queue);
    if (queue.length === 0) {
      const granted = this.#grant(of, wanted);
      if (granted > 0) return { granted, fair: this.#fair(of, wanted.most) };
    }
    if (queue.length >= policyLimits.placeAsksMax) return { granted: 0, fair: 1 };
    const { promise, resolve } = Promise.withResolvers<TakenPlaces>();
    const waiting = { wanted, answer: resolve };
    queue.push(waiting);
    this.#tellFair(of);
    const stopTimer = this.#clock.after(policyLimits.placeAskMs, () => {
      this.#pump(of);
      this.#answer(of, waiting, 0);
    });
    return promise.finally(stopTimer);
  }

  return(holder: Holder, places: Readonly<Record<string, number>>): void {
    const held = this.#hear(holder).places;
    for (const [of, count] of Object.entries(places)) {
      const left = (held.get(of) ?? 0) - count;
      if (left > 0) held.set(of, left);
      else held.delete(of);
      this.#pump(of);
    }
  }

  /** @returns what the session may keep of those for which others wait */
  keep(holder: Holder, places: Readonly<Record<string, number>>): Record<string, number> {
    const held = this.#hear(holder).places;
    const fair: Record<string, number> = {};
    for (const [of, count] of Object.entries(places)) {
      if (count > 0) held.set(of, count);
      else held.delete(of);
      this.#pump(of);
      const [first] = this.#waiting.get(of) ?? [];
      if (first !== undefined) fair[of] = this.#fair(of, first.wanted.most);
    }
    return fair;
  }

  #hear({ session, life }: Holder): Held {
    const known = this.#held.get(session);
    const held = known?.life === life ? known : { life, heardAt: 0, places: new Map<string, number>() };
    held.heardAt = this.#clock.now();
    this.#held.set(session, held);
    return held;
  }

  /** Takes what is free: what is needed, or a share for later, which is smaller the fewer are left. */
  #grant(of: string, { holder, most, needed, share }: WantedPlaces): number {
    const free = most - this.#taken(of);
    const waiting = this.#waiting.get(of)?.length ?? 0;
    const atMost = waiting > 1 ? Math.ceil(free / waiting) : free;
    const granted = Math.min(atMost, Math.max(needed, Math.floor((share * free) / most)));
    if (granted <= 0) return 0;
    const { places } = this.#hear(holder);
    places.set(of, (places.get(of) ?? 0) + granted);
    return granted;
  }

  #taken(of: string): number {
    let taken = 0;
    for (const [session, { heardAt, places }] of this.#held) {
      if (this.#clock.now() - heardAt > policyLimits.placeLeaseMs) this.#held.delete(session);
      else taken += places.get(of) ?? 0;
    }
    return taken;
  }

  /** 0 where more sessions want places than there are: each gives its own back after every use. */
  #fair(of: string, most: number): number {
    const sessions = new Set(this.#waiting.get(of)?.map(({ wanted }) => wanted.holder.session));
    if (sessions.size === 0) return most;
    for (const [session, { places }] of this.#held) if (places.has(of)) sessions.add(session);
    return Math.floor(most / sessions.size);
  }

  /** Whoever waits and believes that it may keep more learns that another session waits too. */
  #tellFair(of: string): void {
    for (const waiting of [...(this.#waiting.get(of) ?? [])]) {
      if (waiting.wanted.fair > this.#fair(of, waiting.wanted.most)) this.#answer(of, waiting, 0);
    }
  }

  /** Whoever holds least comes first; among equals, whoever waits longest. */
  #pump(of: string): void {
    const holds = ({ wanted }: Waiting) => this.#held.get(wanted.holder.session)?.places.get(of) ?? 0;
    const queue = this.#waiting.get(of) ?? [];
    for (const waiting of queue.toSorted((a, b) => holds(a) - holds(b))) {
      const granted = this.#grant(of, waiting.wanted);
      if (granted === 0) return;
      this.#answer(of, waiting, granted);
    }
  }

  #answer(of: string, waiting: Waiting, granted: number): void {
    const queue = this.#waiting.get(of) ?? [];
    const index = queue.indexOf(waiting);
    if (index < 0) return;
    const fair = this.#fair(of, waiting.wanted.most);
    queue.splice(index, 1);
    if (queue.length === 0) this.#waiting.delete(of);
    waiting.answer({ granted, fair });
  }
}
