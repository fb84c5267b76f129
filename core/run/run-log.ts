import { z } from "zod";
import { limits } from "../limits.ts";
import { LogLine, type RunLine, withoutControls } from "../log-line.ts";
import type { ServerLog } from "../mcp/upstream.ts";

/** Lines on their way out of the isolate. `from` is the number of the first, so that what comes twice counts once. */
export const PrintedBatch = z.object({
  from: z.number().int().min(0),
  lines: z.array(LogLine),
  dropped: z.number().int().min(0),
});
export type PrintedBatch = z.infer<typeof PrintedBatch>;

/** What one run has printed, as far as it is known here, and what servers logged meanwhile. */
export interface RunLog {
  /** The isolate bounds what it sends, but user code shares it: everything is counted again. */
  add(batch: PrintedBatch): void;
  /** A line of a server, kept within the same bounds and one of its own, which leaves room for the program's. */
  heard(server: string, line: ServerLog): void;
  /** The program begins anew. What it printed before counts no more, and is not told again. */
  restart(): void;
  /** Ends the log: what arrives later is too late. */
  end(): { logs?: RunLine[]; logsDropped?: number };
}

interface RunLogOptions {
  linesMax: number;
  onPrinted: (lines: RunLine[]) => void;
  /** Puts the user's own places where a printed stack has those of what was made of the files. */
  ownPlaces: (text: string) => string;
}

/**
 * Kept on this side of the boundary while the program runs, so that a run whose isolate never reports still answers with
 * what it had printed.
 */
export function createRunLog({ linesMax, onPrinted, ownPlaces }: RunLogOptions): RunLog {
  let kept: RunLine[] = [];
  let chars = 0;
  /** Lines the isolate has sent, kept or not. */
  let received = 0;
  /** Lines of servers, kept or not. */
  let heard = 0;
  let dropped = 0;
  let told = 0;
  let hasEnded = false;
  // However few lines are kept, half of them are the program's.
  const serverLinesMax = Math.min(limits.serverLogLines, Math.floor(linesMax / 2));

  function keep({ message, ...marks }: RunLine, charsMax: number): void {
    if (kept.length >= linesMax || chars >= limits.logCharsMax) return;
    const line = message.length <= charsMax ? message : `${message.slice(0, charsMax)}…`;
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
      // A gap would be lines that were lost; the isolate sends none again before the last ones arrived, so there is none.
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
      const count = dropped + received + heard - kept.length;
      return { ...(kept.length > 0 ? { logs: kept } : {}), ...(count > 0 ? { logsDropped: count } : {}) };
    },
  };
}
