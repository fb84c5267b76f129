import { limits } from "../../core/limits.ts";

/** The last lines that a process printed, bounded in number and length. Shown only in errors. */
export class LastLines {
  #lines: string[] = [];

  add(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(line.slice(0, limits.stderrLineCharsMax));
    if (this.#lines.length > limits.stderrLines) this.#lines.shift();
  }

  /** Ready to be appended to a message; empty when the process printed nothing. */
  toMessage(): string {
    return this.#lines.length === 0 ? "" : ` Its last output:\n${this.#lines.map((line) => `  ${line}`).join("\n")}`;
  }
}
