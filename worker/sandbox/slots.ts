/*
 * Assigns programs to sandbox processes. The state belongs to this Worker's process, not to a session, because all sessions share
 * the same few sandboxes.
 */

interface State {
  leases: Set<Lease>;
  isAnswering: boolean;
  /** Programs since the process was last renewed. */
  programs: number;
}

const states = new Map<string, State>();

/** How often a waiting program looks for a free process. */
const pollMs = 20;

export interface LeaseOptions {
  /** No other program may run in the process meanwhile. */
  isExclusive: boolean;
  /**
   * Later than it can end, in milliseconds since the epoch; asked again each time, because its time may stand still. A session that
   * was evicted does not say that its program is gone.
   */
  expiresAt: () => number;
}

/** A program's place in one process. */
export class Lease {
  readonly process: string;
  readonly isExclusive: boolean;
  readonly #expiresAt: () => number;
  readonly #state: State;
  /** The leases that overlapped with this one, less those whose programs ended by themselves. */
  readonly #overlapping = new Set<Lease>();

  constructor(process: string, { isExclusive, expiresAt }: LeaseOptions) {
    this.process = process;
    this.isExclusive = isExclusive;
    this.#expiresAt = expiresAt;
    this.#state = stateOf(process);
    for (const other of this.#state.leases) {
      other.#overlapping.add(this);
      this.#overlapping.add(other);
    }
    this.#state.leases.add(this);
    this.#state.programs += 1;
  }

  get isExpired(): boolean {
    return Date.now() > this.#expiresAt();
  }

  /** No other program can have caused the loss of the process. */
  get wasAlone(): boolean {
    return this.#overlapping.size === 0;
  }

  /** New programs avoid a process that does not answer. */
  sawAnswer(isAnswering: boolean): void {
    this.#state.isAnswering = isAnswering;
  }

  /** The program ended by itself, so it cannot cause a later loss of the process. */
  release(): void {
    for (const other of this.#overlapping) other.#overlapping.delete(this);
    this.#end();
  }

  /** The process was lost while the program ran. */
  lose(): void {
    this.#end();
  }

  #end(): void {
    this.#state.leases.delete(this);
    if (this.#state.leases.size === 0) this.#state.isAnswering = true;
  }
}

/**
 * Leases the process with the fewest programs, preferring processes that answer. An exclusive lease waits until a process is
 * empty.
 */
export async function leaseProcess(
  processes: readonly string[],
  { signal, ...options }: LeaseOptions & { signal: AbortSignal },
): Promise<Lease> {
  for (;;) {
    const process = options.isExclusive ? processes.find(isEmpty) : byLoad(processes)[0];
    if (process !== undefined) return new Lease(process, options);
    await scheduler.wait(pollMs, { signal });
  }
}

/** Blocks an empty process for its renewal, if at least `programsMax` programs have run in it; undefined if not. */
export function leaseForRenewal(process: string, { programsMax, expiresAfterMs }: RenewalOptions): Lease | undefined {
  const state = stateOf(process);
  if (state.programs < programsMax || !isEmpty(process)) return undefined;
  state.programs = 0;
  const expiresAt = Date.now() + expiresAfterMs;
  return new Lease(process, { isExclusive: true, expiresAt: () => expiresAt });
}

interface RenewalOptions {
  programsMax: number;
  expiresAfterMs: number;
}

function isEmpty(process: string): boolean {
  return stateOf(process).leases.size === 0;
}

/** The processes that are open to another program, least loaded first. */
function byLoad(processes: readonly string[]): string[] {
  const load = ({ leases, isAnswering }: State) => leases.size + (isAnswering ? 0 : Number.MAX_SAFE_INTEGER);
  return processes
    .filter((name) => ![...stateOf(name).leases].some((lease) => lease.isExclusive))
    .sort((a, b) => load(stateOf(a)) - load(stateOf(b)));
}

function stateOf(process: string): State {
  const state = states.get(process) ?? { leases: new Set(), isAnswering: true, programs: 0 };
  states.set(process, state);
  for (const lease of state.leases) if (lease.isExpired) lease.lose();
  return state;
}
