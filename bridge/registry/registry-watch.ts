import { watch } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** An editor writes in several steps, and some first an empty file: this long after the last step it is read. */
const settleMs = 200;

export interface RegistryWatchOptions {
  /** Absolute. */
  path: string;
  /** The file may have changed. Called again only after the promise it gives has settled. */
  onChange: () => Promise<void>;
  /** Watching is not possible here, or not any more; everything else goes on. */
  onError: (error: Error) => void;
}

/**
 * Watches a file by its folder, because editors replace files instead of writing them; behind a link, the folder of what it
 * leads to. Dispose it to stop.
 */
export async function watchRegistryFile({ path, onChange, onError }: RegistryWatchOptions): Promise<Disposable> {
  const target = await realpath(path);
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  const settle = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      reading = reading.then(onChange);
    }, settleMs);
  };
  const watcher = watch(dirname(target), (_kind, name) => {
    // Some systems do not say which file it was.
    if (name === null || name === basename(target)) settle();
  });
  watcher.on("error", onError);
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
