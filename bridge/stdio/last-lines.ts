import { startOf, withoutInvisible } from "../../core/text.ts";
import { stdioLimits } from "./stdio-limits.ts";

export interface PrintedLines {
  first: string[];
  /** How many there were between the first and the last ones. */
  omitted: number;
  last: string[];
}

/**
 * The first and the last lines that a process printed, bounded in number and length. Shown in errors and at the console. Often the reason is in the
 * first ones, and a usage text or a stack follows it.
 */
export class LastLines {
  readonly #first: string[] = [];
  #last: string[] = [];
  #omitted = 0;

  add(line: string): void {
    if (line.trim() === "") return;
    const text = withoutInvisible(startOf(line, stdioLimits.stderrLineCharsMax));
    if (this.#first.length < stdioLimits.stderrFirstLines) {
      this.#first.push(text);
      return;
    }
    this.#last.push(text);
    if (this.#last.length <= stdioLimits.stderrLines - stdioLimits.stderrFirstLines) return;
    this.#last.shift();
    this.#omitted += 1;
  }

  get lines(): PrintedLines {
    return { first: [...this.#first], omitted: this.#omitted, last: [...this.#last] };
  }

  /** Ready to be appended to a message; empty when the process printed nothing. */
  toMessage(): string {
    if (this.#first.length === 0) return "";
    const last = this.#fitting();
    const omitted = this.#omitted + this.#last.length - last.length;
    const gap = omitted === 0 ? [] : [`… ${omitted} more lines …`];
    return ` Its output:\n${telling([...this.#first, ...gap, ...last])
      .map((line) => `  ${line}`)
      .join("\n")}`;
  }

  /** The last lines that leave a message short enough to be shown whole: an error is cut at its end. */
  #fitting(): string[] {
    let room = stdioLimits.stderrCharsShownMax - this.#first.join("\n").length;
    const shown: string[] = [];
    for (const line of [...this.#last].reverse()) {
      room -= line.length;
      if (room < 0) break;
      shown.unshift(line);
    }
    return shown;
  }
}

/** Without what only helps whoever has the source: the frames of a stack, and the place that Node prints above an error. */
function telling(lines: readonly string[]): string[] {
  const isPlace = (at: number) => /:\d+$/.test(lines[at] ?? "") && /^\s*\^+\s*$/.test(lines[at + 2] ?? "");
  const rest = lines.filter((line, at) => {
    return !isPlace(at) && !isPlace(at - 1) && !isPlace(at - 2) && !/^\s+at .+:\d+:\d+\)?(?: \{)?$/.test(line);
  });
  return rest.length > 0 ? rest : [...lines];
}
