import type { ServerLog, UpstreamCallOptions } from "./upstream.ts";

type Listener = UpstreamCallOptions["onLog"];

/** The calls under way on one server, which hear what it logs: a log message does not say which call it belongs to. */
export class LogListeners {
  readonly #calls = new Set<{ listener: NonNullable<Listener> }>();

  /** Until disposed. */
  add(listener: Listener): Disposable {
    if (listener === undefined) return { [Symbol.dispose]() {} };
    const call = { listener };
    this.#calls.add(call);
    return { [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  /** A listener that was given with several calls hears the line once. */
  tell(line: ServerLog): void {
    for (const listener of new Set([...this.#calls].map((call) => call.listener))) listener(line);
  }
}
