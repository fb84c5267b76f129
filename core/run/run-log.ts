import { z } from "zod";
import { limits } from "../limits.ts";
import { isChatter, LogLine, type RunLine, withoutControls } from "../log-line.ts";
import type { ServerLog } from "../mcp/upstream.ts";
import { cutText, withoutInvisible } from "../text.ts";

/** Console lines from the isolate. `from` is the number of the first, so that lines that arrive twice count once. */
export const PrintedBatch = z.object({
  from: z.number().int().min(0),
  lines: z.array(LogLine).max(limits.logLinesMax),
  dropped: z.number().int().min(0),
});
export type PrintedBatch = z.infer<typeof PrintedBatch>;

/** What a run has printed so far, and what servers logged meanwhile. */
export interface RunLog {
  /** Counts and bounds everything again: user code runs in the isolate that sent it. */
  add(batch: PrintedBatch): void;
  /** Adds a server's log message. It has a bound of its own besides the common one, so that room for the program's lines remains. */
  heard(server: string, line: ServerLog): void;
  /** The program starts again. Earlier output is dropped. */
  restart(): void;
  /** Ends the log. Lines that arrive later are ignored. */
  end(): { logs?: RunLine[]; logsDropped?: number };
}

interface RunLogOptions {
  linesMax: number;
  onPrinted: (lines: RunLine[]) => void;
  /** Maps the positions in a printed stack to the user's own source. */
  ownPlaces: (text: string) => string;
}

/**
 * Kept in the session while the program runs, so that a run whose isolate never reports still answers with what it has
 * printed.
 */
export function createRunLog({ linesMax, onPrinted, ownPlaces }: RunLogOptions): RunLog {
  let kept: RunLine[] = [];
  let chars = 0;
  /** Lines that the isolate sent, kept or not. */
  let received = 0;
  /** Lines of servers, kept or not. */
  let heard = 0;
  let dropped = 0;
  let told = 0;
  let hasEnded = false;
  // At least half of the kept lines are the program's.
  const serverLinesMax = Math.min(limits.serverLogLinesTold, Math.floor(linesMax / 2));

  function keep({ message, ...marks }: RunLine, charsMax: number): void {
    if (kept.length >= linesMax || chars >= limits.logCharsMax) return;
    const line = cutText(marks.server === undefined ? message : withoutInvisible(message), charsMax).toWellFormed();
    chars += line.length;
    kept.push({ ...marks, message: withoutControls(marks.server === undefined ? ownPlaces(line) : line) });
  }

  function tell(): void {
    if (kept.length <= told) return;
    const fresh = kept.slice(told);
    told = kept.length;
    onPrinted(fresh);
  }

  return {
    add(batch) {
      if (hasEnded) return;
      // There are no gaps: the isolate sends the next lines only after the last ones arrived.
      const known = Math.max(0, received - batch.from);
      for (const line of batch.lines.slice(known)) {
        keep(line, limits.logLineCharsMax);
        received += 1;
      }
      dropped = Math.max(dropped, batch.dropped);
      tell();
    },
    heard(server, { level, message }) {
      if (hasEnded) return;
      if (heard < serverLinesMax) keep({ level, message, server }, limits.serverLogCharsMax);
      heard += 1;
      tell();
    },
    restart() {
      kept = [];
      chars = 0;
      received = 0;
      heard = 0;
      dropped = 0;
    },
    end() {
      hasEnded = true;
      const logs = withoutChatter(kept);
      const count = dropped + received + heard - logs.length;
      return { ...(logs.length > 0 ? { logs } : {}), ...(count > 0 ? { logsDropped: count } : {}) };
    },
  };
}

/** The last of what servers say below a warning, and all other lines. */
function withoutChatter(lines: readonly RunLine[]): RunLine[] {
  let tooMany = lines.filter(isChatter).length - limits.serverLogLines;
  return lines.filter((line) => !isChatter(line) || tooMany-- <= 0);
}
