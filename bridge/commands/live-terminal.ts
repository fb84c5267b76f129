import type { RunLine } from "../../core/log-line.ts";
import { lineText } from "../../core/log-line.ts";
import type { Progress } from "../../core/mcp/upstream.ts";

export interface LiveTerminal {
  printed(line: RunLine): void;
  progressed(progress: Progress): void;
  /** Removes the progress line. */
  clear(): void;
}

const eraseLine = "\r\u001b[K";
const widthMax = 100;

/**
 * Shows a program while it runs: its log lines and, in a terminal, a progress line below them. A log line arrives twice, as a
 * log message and as the message of a progress notification, and is shown once.
 */
export function createLiveTerminal({
  writeStderr,
  isTerminal,
}: {
  writeStderr: (text: string) => void;
  isTerminal: boolean;
}): LiveTerminal {
  let progressLine = "";
  let lastPrinted: string | undefined;
  const clear = (): void => {
    if (progressLine !== "") writeStderr(eraseLine);
  };
  return {
    printed(line) {
      const { level } = line;
      const message = lineText(line);
      clear();
      writeStderr(`${level === "log" ? "" : `${level}: `}${message}\n`);
      writeStderr(progressLine);
      lastPrinted = message;
    },
    progressed({ progress, total, message }) {
      if (!isTerminal || (message !== undefined && message === lastPrinted)) return;
      clear();
      const count = total === undefined ? String(roundOff(progress)) : `${roundOff(progress)}/${total}`;
      progressLine = `${count}${message === undefined ? "" : ` ${message.replace(/\s+/g, " ")}`}`.slice(0, widthMax);
      writeStderr(progressLine);
    },
    clear() {
      clear();
      progressLine = "";
    },
  };
}

/** The orchestrator adds 1e-6 to a value that did not grow, because MCP wants progress to increase; that is not shown. */
function roundOff(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
