import { hasMoreParts, isRecord } from "../../core/json.ts";
import { limits } from "../../core/limits.ts";
import { messagesIn } from "../../core/mcp/lenient-messages.ts";
import { isLongToRead } from "../../core/mcp/message-bounds.ts";
import { stdioLimits } from "./stdio-limits.ts";

/** The messages that end with a line, or a text that is not read, because that would hold up all other servers for too long. */
export type Found = { kind: "messages"; messages: unknown[] } | { kind: "unread"; text: string };

/** The messages in the lines that a server prints: one on a line, as it should be, or one over many lines, as some libraries indent it. */
export class MessageLines {
  /** Lines since one that is only the beginning of an object. */
  #held: string[] = [];
  #heldChars = 0;
  /** The line that ends them, indented as the first. */
  #last = "";

  add(line: string): Found {
    const found = foundIn(line);
    const isFirst = this.#held.length === 0;
    // The lines before may have the id of the request.
    if (found.kind === "unread") return { kind: "unread", text: [...this.#drop(), line].join("\n") };
    if (found.messages.length > 0 || (isFirst && line.trim() !== "{")) {
      this.#drop();
      return found;
    }
    this.#held.push(line);
    this.#heldChars += line.length;
    if (isFirst) this.#last = line.trimEnd().replace("{", "}");
    else if (line.trimEnd() === this.#last) return foundIn(this.#drop().join("\n"));
    if (this.#held.length > stdioLimits.messageLinesMax || this.#heldChars > stdioLimits.messageLinesCharsMax) this.#drop();
    return found;
  }

  #drop(): string[] {
    const held = this.#held;
    this.#held = [];
    this.#heldChars = 0;
    return held;
  }
}

/** Whether a line that does not end is all of a message. */
export function isWhole(line: string): boolean {
  if (!/\}\s*$/.test(line.slice(-endCharsMax))) return false;
  const found = foundIn(line);
  return found.kind === "unread" || found.messages.length > 0;
}

/** The end of a line that shows whether it may be a whole message. */
const endCharsMax = 16;

function foundIn(text: string): Found {
  // A result of it would be too large for the tunnel.
  if (text.length > limits.frameBytesMax || isLongToRead(text)) return { kind: "unread", text };
  const messages = messagesIn(text);
  const isForSchemas = messages.some((message) => isRecord(message) && "method" in message);
  if (isForSchemas && hasMoreParts(text, limits.questionPartsMax)) return { kind: "unread", text };
  return { kind: "messages", messages };
}
