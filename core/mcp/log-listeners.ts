import type { ServerLog, UpstreamCallOptions } from "./upstream.ts";

type Listener = UpstreamCallOptions["onLog"];

/** Who hears what one server logs: the calls under way on it. A line says nothing of the call that it belongs to. */
export class LogListeners {
  readonly #calls = new Set<{ listener: NonNullable<Listener> }>();

  /** Until disposed. */
  add(listener: Listener): Disposable {
    if (listener === undefined) return { [Symbol.dispose]() {} };
    const call = { listener };
    this.#calls.add(call);
    return { [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  /** Each listener hears it once, however many calls it listens for. */
  tell(line: ServerLog): void {
    for (const listener of new Set([...this.#calls].map((call) => call.listener))) listener(line);
  }
}
