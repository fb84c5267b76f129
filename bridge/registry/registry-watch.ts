import { watch } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** The file is read this long after its last change, because editors write in several steps, some of them an empty file first. */
const settleMs = 200;

export interface RegistryWatchOptions {
  /** Absolute path of the file. */
  path: string;
  /** The file may have changed. Called again only after the promise that it returned has settled. */
  onChange: () => Promise<void>;
  /** Watching has failed and stops; everything else goes on. */
  onError: (error: Error) => void;
}

/**
 * Watches a file through its folder, because editors replace files instead of writing to them. For a symbolic link, that is the
 * folder of the target. Dispose the result to stop.
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
    // On some systems the event does not name the file.
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
