/*
 * Assigns programs to sandbox processes. The state belongs to this Worker's process, not to a session, because all sessions share
 * the same few sandboxes. A program that waits asks again every few milliseconds instead of being woken: the one that would wake
 * it may belong to a session that was evicted meanwhile.
 */

import type { Standing } from "./suspects.ts";

/** Who may run in the process meanwhile: programs of any session, of the same session, or nobody. */
export type Company = "anyone" | "session" | "nobody";

interface State {
  leases: Set<Lease>;
  /** When it last kept a program waiting for an answer, in milliseconds since the epoch; undefined once it has answered. */
  silentAt: number | undefined;
  /** Programs since the process was last renewed. */
  programs: number;
  /** The waiting program for which it empties: it admits no other. */
  keptFor: Waiter | undefined;
}

const states = new Map<string, State>();

interface Waiter {
  session: object;
  company: Company;
  /** The number of programs of its session that waited before it: sessions take turns. */
  round: number;
  isTrusted: boolean;
  /** When it last asked, in milliseconds since the epoch. One that no longer asks belongs to an evicted session. */
  askedAt: number;
}

/** In the order in which they began to wait. */
const waiting = new Set<Waiter>();

/** How often the first in line asks, and how often the others. */
const askEveryMs = 10;
const askLaterMs = 40;
const goneAfterMs = 1_000;
/** How long a process is believed not to answer after the last program that waited for that went elsewhere. */
const silentMs = 1_000;
/** When the last program came that runs beside any other, in milliseconds since the epoch. */
let lastNewcomerAt = 0;
/** How long a program of which nothing is known waits for the last process to open again. */
const patienceMs = 1_000;
/** Without newcomers for this long, the last open process may be closed too: somebody who comes then waits a little. */
const quietMs = 1_000;

export interface LeaseOptions {
  /** Stands for the session of the program. */
  session: object;
  company: Company;
  /**
   * Later than it can end, in milliseconds since the epoch; asked again each time, because its time may stand still. A session that
   * was evicted does not say that its program is gone.
   */
  expiresAt: () => number;
}

/** A program's place in one process. */
export class Lease {
  readonly process: string;
  readonly session: object;
  readonly company: Company;
  readonly #expiresAt: () => number;
  readonly #state: State;
  /** The programs that were in the process with this one, less those that ended by themselves. */
  readonly #overlapping = new Set<Lease>();
  #hasArrived = false;
  /** When it was last known that somebody watches the process for it, in milliseconds since the epoch. */
  #watchedAt = 0;

  constructor(process: string, { session, company, expiresAt }: LeaseOptions) {
    this.process = process;
    this.session = session;
    this.company = company;
    this.#expiresAt = expiresAt;
    this.#state = stateOf(process);
    this.#state.leases.add(this);
    this.#state.programs += 1;
  }

  /** Until it is released or lost. */
  get isHeld(): boolean {
    return this.#state.leases.has(this);
  }

  /** One that nobody waits for any more is held until its process answers. */
  get isExpired(): boolean {
    return Date.now() > Math.max(this.#expiresAt(), this.#watchedAt + goneAfterMs);
  }

  /** No other program can have caused the loss of the process. */
  get wasAlone(): boolean {
    return this.#overlapping.size === 0;
  }

  /** How many programs can have caused the loss of the process, this one included. */
  get suspects(): number {
    return this.#overlapping.size + 1;
  }

  /** The program has reached the process. What happened there before was not its doing. */
  arrive(): void {
    this.#hasArrived = true;
    for (const other of this.#state.leases) {
      if (other === this || !other.#hasArrived) continue;
      other.#overlapping.add(this);
      this.#overlapping.add(other);
    }
  }

  /** New programs avoid a process that does not answer. */
  sawAnswer(isAnswering: boolean): void {
    this.#watchedAt = Date.now();
    this.#state.silentAt = isAnswering ? undefined : this.#watchedAt;
  }

  /** Whether its process does not answer and one of the others does, and would take it. */
  isBetterElsewhere(processes: readonly string[]): boolean {
    if (isAnswering(this.#state) || this.company !== "anyone") return false;
    return processes.some((name) => name !== this.process && isOpen(name) && isAnswering(stateOf(name)));
  }

  /** The program ended by itself, so it cannot cause a later loss of the process. */
  release(): void {
    for (const other of this.#overlapping) other.#overlapping.delete(this);
    this.lose();
  }

  /** The process was lost while the program ran, or the program goes elsewhere. */
  lose(): void {
    this.#state.leases.delete(this);
  }
}

interface Waiting {
  /** In milliseconds since the epoch. */
  until: number;
  /**
   * While processes are lost. Programs that are trusted leave the last of the processes to the others, as long as another one answers. Of
   * those that want other company they go first, because the others may hold up whoever is behind them. Those of which nothing is
   * known wait a moment for the last one, and those that are doubted for as long as they may.
   */
  standing?: Standing | undefined;
  signal: AbortSignal;
}

/**
 * Leases the process with the fewest programs, preferring processes that answer. A program that wants other company waits its turn,
 * one session after another, and one process is kept free of newcomers for the first of them, but never the last one that is open.
 * @returns undefined if none was free until `until`, in milliseconds since the epoch
 */
export async function leaseProcess(
  processes: readonly string[],
  { signal, until, standing, ...options }: LeaseOptions & Waiting,
): Promise<Lease | undefined> {
  const { session, company } = options;
  const patientUntil = standing === "doubted" ? Number.POSITIVE_INFINITY : Date.now() + patienceMs;
  const isTrusted = standing === "trusted";
  const waiter: Waiter = { session, company, round: roundOf(session), isTrusted, askedAt: 0 };
  try {
    for (;;) {
      // Again each time: it was removed if this process stood still for so long that it seemed to be gone.
      waiting.add(waiter);
      waiter.askedAt = Date.now();
      if (company === "anyone") lastNewcomerAt = waiter.askedAt;
      const process = company === "anyone" ? openProcess(processes, { standing, patientUntil }) : processFor(waiter, processes);
      if (process !== undefined) return new Lease(process, options);
      if (Date.now() >= until) return undefined;
      await scheduler.wait(firstInLine() === waiter ? askEveryMs : askLaterMs, { signal });
    }
  } finally {
    waiting.delete(waiter);
  }
}

/** Blocks an empty process for its renewal, if at least `programsMax` programs have run in it; undefined if not. */
export function leaseForRenewal(process: string, { programsMax, expiresAfterMs }: RenewalOptions): Lease | undefined {
  const state = stateOf(process);
  if (state.programs < programsMax || state.leases.size > 0) return undefined;
  state.programs = 0;
  const expiresAt = Date.now() + expiresAfterMs;
  return new Lease(process, { session: {}, company: "nobody", expiresAt: () => expiresAt });
}

interface RenewalOptions {
  programsMax: number;
  expiresAfterMs: number;
}

/** The process in which a program may run that wants other company than anyone's; undefined while it must wait. */
function processFor(waiter: Waiter, processes: readonly string[]): string | undefined {
  if (firstInLine() !== waiter) return undefined;
  // The others stay open to trusted programs, which are many, unless none comes.
  const lastFirst = isQuiet() ? processes.toReversed() : processes.slice(-1);
  const free = lastFirst.find((name) => admits(name, waiter) && (!isOpenToAnyone(name) || mayClose(name, processes)));
  if (free !== undefined) return free;
  if (processes.some((name) => isKept(stateOf(name)))) return undefined;
  const emptiest = lastFirst
    .filter((name) => isOpen(name) && mayClose(name, processes))
    .sort((a, b) => stateOf(a).leases.size - stateOf(b).leases.size)[0];
  if (emptiest !== undefined) stateOf(emptiest).keptFor = waiter;
  return undefined;
}

/** Whether the programs in it are the company that the waiting program wants, and take its own. */
function admits(name: string, { session, company }: Waiter): boolean {
  const { leases } = stateOf(name);
  if (company === "nobody") return leases.size === 0;
  return [...leases].every((lease) => lease.session === session && lease.company !== "nobody");
}

/** Whether another process stays open to everybody when this one is closed, or nobody needs one. */
function mayClose(name: string, processes: readonly string[]): boolean {
  if (processes.length === 1 || isQuiet()) return true;
  return processes.some((other) => other !== name && isOpenToAnyone(other));
}

function isQuiet(): boolean {
  return Date.now() - lastNewcomerAt > quietMs;
}

function isOpenToAnyone(name: string): boolean {
  return ![...stateOf(name).leases].some(({ company }) => company !== "anyone");
}

/** Open to another program of any session. */
function isOpen(name: string): boolean {
  return isOpenToAnyone(name) && !isKept(stateOf(name));
}

function isKept({ keptFor }: State): boolean {
  return keptFor !== undefined && waiting.has(keptFor) && !isGone(keptFor);
}

/** The first of those who wait: trusted ones, by round, and within a round the one that has waited longest. */
function firstInLine(): Waiter | undefined {
  let first: Waiter | undefined;
  for (const waiter of waiting) {
    if (isGone(waiter)) waiting.delete(waiter);
    else if (first === undefined || isBefore(waiter, first)) first = waiter;
  }
  return first;
}

function isBefore(waiter: Waiter, other: Waiter): boolean {
  if (waiter.isTrusted !== other.isTrusted) return waiter.isTrusted;
  return waiter.round < other.round;
}

function isGone({ askedAt }: Waiter): boolean {
  return Date.now() - askedAt > goneAfterMs;
}

function roundOf(session: object): number {
  let round = 0;
  for (const waiter of waiting) if (waiter.session === session) round += 1;
  return round;
}

/** The open process with the fewest programs of those that answer; undefined if there is none, or while it should wait for the last one. */
function openProcess(
  processes: readonly string[],
  { standing, patientUntil }: { standing: Standing | undefined; patientUntil: number },
): string | undefined {
  const last = processes.length > 1 ? processes.at(-1) : undefined;
  const isForLast = standing !== undefined && standing !== "trusted" && last !== undefined;
  if (isForLast && Date.now() < patientUntil) return isOpen(last) ? last : undefined;
  const isOther = (name: string) => standing !== undefined && last !== undefined && (name === last) !== isForLast;
  const load = (name: string) => {
    const state = stateOf(name);
    return state.leases.size + (isOther(name) ? otherLoad : 0) + (isAnswering(state) ? 0 : frozenLoad);
  };
  return processes.filter(isOpen).sort((a, b) => load(a) - load(b))[0];
}

/** More than there are programs, and more than that. */
const otherLoad = 1e6;
const frozenLoad = 1e9;

function isAnswering({ silentAt }: State): boolean {
  return silentAt === undefined || Date.now() - silentAt > silentMs;
}

function stateOf(process: string): State {
  const state = states.get(process) ?? { leases: new Set(), silentAt: undefined, programs: 0, keptFor: undefined };
  states.set(process, state);
  for (const lease of state.leases) if (lease.isExpired) lease.lose();
  return state;
}
