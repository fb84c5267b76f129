import type { Ask } from "../calls/elicitation.ts";
import type { RunProgress } from "../calls/progress.ts";
import type { RunLine } from "../log-line.ts";

export interface RunOptions {
  signal: AbortSignal;
  onProgress: (progress: RunProgress) => void;
  /** Console lines and servers' log messages while the program runs: each once, and all of them before the outcome. */
  onPrinted?: (lines: RunLine[]) => void;
  /** Asks a person what a server wants to know; left out, nobody can be asked. */
  onElicit?: Ask;
}
