/** A bound on one wait: the caller's signal and a time together. */
export interface Deadline extends Disposable {
  /** Aborts with whichever comes first. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What ended the wait, if anything did. */
  readonly ended: "cancelled" | "timed_out" | undefined;
}

/** Dispose it when the wait is over, or its timer and listener stay behind. */
export function openDeadline(options: { signal: AbortSignal; timeoutMs: number }): Deadline {
  const controller = new AbortController();
  let ended: Deadline["ended"];
  const end = (how: "cancelled" | "timed_out"): void => {
    ended ??= how;
    controller.abort(how);
  };
  const onAbort = (): void => end("cancelled");
  const timer = setTimeout(() => end("timed_out"), options.timeoutMs);
  if (options.signal.aborted) onAbort();
  else options.signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    timeoutMs: options.timeoutMs,
    get ended() {
      return ended;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", onAbort);
    },
  };
}

/** Waits for work that others wait for too: leaving it does not stop it. Rejects with the signal's reason. */
export function waitFor<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
