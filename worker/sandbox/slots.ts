/*
 * Which program runs in which sandbox process. The state belongs to this Worker's process and not to a session: all sessions
 * send their programs to the same few sandboxes, and only together they know how full each is.
 */

interface State {
  stays: Set<Stay>;
  isAnswering: boolean;
  /** Programs since the process was last renewed. */
  programs: number;
}

const states = new Map<string, State>();

/** How often a program that found no place looks again. */
const lookAgainMs = 20;

export interface StayOptions {
  /** No other program may come in. */
  isExclusive: boolean;
  /**
   * Later than it can end, in milliseconds since the epoch; asked again each time, because its time may stand still. A session that
   * was evicted does not say that its program is gone.
   */
  expiresAt: () => number;
}

/** A program's time in one process. */
export class Stay {
  readonly process: string;
  readonly isExclusive: boolean;
  readonly #expiresAt: () => number;
  readonly #state: State;
  /** Who was there at some time, and did not leave in good order. */
  readonly #company = new Set<Stay>();

  constructor(process: string, { isExclusive, expiresAt }: StayOptions) {
    this.process = process;
    this.isExclusive = isExclusive;
    this.#expiresAt = expiresAt;
    this.#state = stateOf(process);
    for (const other of this.#state.stays) {
      other.#company.add(this);
      this.#company.add(other);
    }
    this.#state.stays.add(this);
    this.#state.programs += 1;
  }

  get isExpired(): boolean {
    return Date.now() > this.#expiresAt();
  }

  /** What happens to the process is this program's doing: nobody else was there who could have done it. */
  get isAlone(): boolean {
    return this.#company.size === 0;
  }

  /** New programs avoid a process that does not answer. */
  sawAnswer(isAnswering: boolean): void {
    this.#state.isAnswering = isAnswering;
  }

  /** The program ended by itself: it had no part in what happens to the process from now on. */
  leave(): void {
    for (const other of this.#company) other.#company.delete(this);
    this.#end();
  }

  /** The process was lost under it. */
  lose(): void {
    this.#end();
  }

  #end(): void {
    this.#state.stays.delete(this);
    if (this.#state.stays.size === 0) this.#state.isAnswering = true;
  }
}

/**
 * Finds a place for a program: where the fewest are, and not where nothing answers. An exclusive one waits for a process
 * without any other.
 */
export async function enterProcess(
  processes: readonly string[],
  { signal, ...options }: StayOptions & { signal: AbortSignal },
): Promise<Stay> {
  for (;;) {
    const process = options.isExclusive ? processes.find(isEmpty) : fullestLast(processes)[0];
    if (process !== undefined) return new Stay(process, options);
    await scheduler.wait(lookAgainMs, { signal });
  }
}

/** Takes an empty process that has run so many programs out of use until the stay ends; undefined when it is not due. */
export function enterForRenewal(process: string, { programsMax, expiresAfterMs }: RenewalOptions): Stay | undefined {
  const state = stateOf(process);
  if (state.programs < programsMax || !isEmpty(process)) return undefined;
  state.programs = 0;
  const expiresAt = Date.now() + expiresAfterMs;
  return new Stay(process, { isExclusive: true, expiresAt: () => expiresAt });
}

interface RenewalOptions {
  programsMax: number;
  expiresAfterMs: number;
}

function isEmpty(process: string): boolean {
  return stateOf(process).stays.size === 0;
}

function fullestLast(processes: readonly string[]): string[] {
  const burden = ({ stays, isAnswering }: State) => stays.size + (isAnswering ? 0 : Number.MAX_SAFE_INTEGER);
  return processes
    .filter((name) => ![...stateOf(name).stays].some((stay) => stay.isExclusive))
    .sort((a, b) => burden(stateOf(a)) - burden(stateOf(b)));
}

function stateOf(process: string): State {
  const state = states.get(process) ?? { stays: new Set(), isAnswering: true, programs: 0 };
  states.set(process, state);
  for (const stay of state.stays) if (stay.isExpired) stay.lose();
  return state;
}
