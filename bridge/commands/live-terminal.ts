import type { RunLine } from "../../core/log-line.ts";
import { lineText } from "../../core/log-line.ts";
import type { Progress } from "../../core/mcp/upstream.ts";

export interface LiveTerminal {
  printed(line: RunLine): void;
  progressed(progress: Progress): void;
  /** Takes the progress line away. */
  clear(): void;
}

const eraseLine = "\r\u001b[K";
const widthMax = 100;

/**
 * What a program says while it runs: its lines, and below them, where someone watches, how far it is. A line of the program
 * comes as a log message and as the message of a progress notification; it is shown once.
 */
export function createLiveTerminal({ tell, isWatched }: { tell: (text: string) => void; isWatched: boolean }): LiveTerminal {
  let progressLine = "";
  let lastPrinted: string | undefined;
  const clear = (): void => {
    if (progressLine !== "") tell(eraseLine);
  };
  return {
    printed(line) {
      const { level } = line;
      const message = lineText(line);
      clear();
      tell(`${level === "log" ? "" : `${level}: `}${message}\n`);
      tell(progressLine);
      lastPrinted = message;
    },
    progressed({ progress, total, message }) {
      if (!isWatched || (message !== undefined && message === lastPrinted)) return;
      clear();
      const far = total === undefined ? String(roundOff(progress)) : `${roundOff(progress)}/${total}`;
      progressLine = `${far}${message === undefined ? "" : ` ${message.replace(/\s+/g, " ")}`}`.slice(0, widthMax);
      tell(progressLine);
    },
    clear() {
      clear();
      progressLine = "";
    },
  };
}

/** The server adds a hair to values that do not grow; nobody wants to see it. */
function roundOff(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
