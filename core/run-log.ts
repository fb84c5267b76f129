import { z } from "zod";
import { limits } from "./limits.ts";
import { LogLine } from "./ports.ts";

/** Lines on their way out of the isolate. `from` is the number of the first, so that what comes twice counts once. */
export const PrintedBatch = z.object({
  from: z.number().int().min(0),
  lines: z.array(LogLine),
  dropped: z.number().int().min(0),
});
export type PrintedBatch = z.infer<typeof PrintedBatch>;

/** What one run has printed, as far as it is known here. */
export interface RunLog {
  /** The isolate bounds what it sends, but user code shares it: everything is counted again. */
  add(batch: PrintedBatch): void;
  /** The program begins anew. What it printed before counts no more, and is not told again. */
  restart(): void;
  /** Ends the log: what arrives later is too late. */
  end(): { logs?: LogLine[]; logsDropped?: number };
}

interface RunLogOptions {
  linesMax: number;
  onPrinted: (lines: LogLine[]) => void;
  /** Puts the user's own places where a printed stack has those of what was made of the files. */
  ownPlaces: (text: string) => string;
}

/**
 * Kept on this side of the boundary while the program runs, so that a run whose isolate never reports still answers with
 * what it had printed.
 */
export function createRunLog({ linesMax, onPrinted, ownPlaces }: RunLogOptions): RunLog {
  let kept: LogLine[] = [];
  let chars = 0;
  /** Lines the isolate has sent, kept or not. */
  let received = 0;
  let dropped = 0;
  let told = 0;
  let hasEnded = false;

  function keep({ level, message }: LogLine): void {
    if (kept.length >= linesMax || chars >= limits.logCharsMax) return;
    const line = message.length <= limits.logLineCharsMax ? message : `${message.slice(0, limits.logLineCharsMax)}…`;
    chars += line.length;
    kept.push({ level, message: withoutControls(ownPlaces(line)) });
  }

  return {
    add(batch) {
      if (hasEnded) return;
      // A gap would be lines that were lost; the isolate sends none again before the last ones arrived, so there is none.
      const known = Math.max(0, received - batch.from);
      for (const line of batch.lines.slice(known)) {
        keep(line);
        received += 1;
      }
      dropped = Math.max(dropped, batch.dropped);
      if (kept.length <= told) return;
      const fresh = kept.slice(told);
      told = kept.length;
      onPrinted(fresh);
    },
    restart() {
      kept = [];
      chars = 0;
      received = 0;
      dropped = 0;
    },
    end() {
      hasEnded = true;
      const count = dropped + received - kept.length;
      return { ...(kept.length > 0 ? { logs: kept } : {}), ...(count > 0 ? { logsDropped: count } : {}) };
    },
  };
}

/**
 * Terminals obey control characters: a line could erase the one above it. Line feeds and tabs stay, the rest is shown as the
 * picture Unicode has of it.
 */
function withoutControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
