import { messagesIn } from "../../core/mcp/lenient-messages.ts";
import { stdioLimits } from "./stdio-limits.ts";

/** The messages in the lines that a server prints: one on a line, as it should be, or one over many lines, as some libraries indent it. */
export class MessageLines {
  /** Lines since one that is only the beginning of an object. */
  #held: string[] = [];
  #heldChars = 0;

  /** The messages that end with this line. */
  add(line: string): unknown[] {
    const messages = messagesIn(line);
    const isFirst = this.#held.length === 0;
    if (messages.length > 0 || (isFirst && line.trim() !== "{")) {
      this.#drop();
      return messages;
    }
    this.#held.push(line);
    this.#heldChars += line.length;
    if (!isFirst && line.trimEnd() === this.#held[0]?.trimEnd().replace("{", "}")) return messagesIn(this.#drop().join("\n"));
    if (this.#held.length > stdioLimits.messageLinesMax || this.#heldChars > stdioLimits.messageLinesCharsMax) this.#drop();
    return [];
  }

  #drop(): string[] {
    const held = this.#held;
    this.#held = [];
    this.#heldChars = 0;
    return held;
  }
}
