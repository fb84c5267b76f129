import type { ServerLog, UpstreamCallOptions } from "./upstream.ts";

type Listener = UpstreamCallOptions["onLog"];

/** Passes a server's log messages to all calls in flight on it: a log message does not say which call it belongs to. */
export class LogListeners {
  readonly #calls = new Set<{ listener: NonNullable<Listener> }>();

  /** The listener is called until disposed. */
  add(listener: Listener): Disposable {
    if (listener === undefined) return { [Symbol.dispose]() {} };
    const call = { listener };
    this.#calls.add(call);
    return { [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  /** Calls a listener once, however many calls it was added for. */
  emit(line: ServerLog): void {
    for (const listener of new Set([...this.#calls].map((call) => call.listener))) listener(line);
  }
}
