import type { RunProgress } from "../core/calls/progress.ts";
import type { Answer } from "./target.ts";

/** What is known of a run before its answer: the newest of what it has reported. */
export interface Update {
  running: true;
  progress: RunProgress;
}

/** Yields the newest update each time that one is asked for, and last of all the answer. Updates that nobody asked for in time are dropped. */
export async function* updatesOf(
  run: (onProgress: (progress: RunProgress) => void) => Promise<Answer>,
): AsyncGenerator<Update | Answer> {
  let newest: RunProgress | undefined;
  let wake: () => void = () => {};
  let isOver = false;
  const answer = run((progress) => {
    newest = progress;
    wake();
  });
  const over = answer.then(
    () => true,
    () => true,
  );
  void over.then(() => {
    isOver = true;
    wake();
  });
  while (!isOver) {
    if (newest === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const progress = newest;
    newest = undefined;
    yield { running: true, progress };
  }
  yield await answer;
}
