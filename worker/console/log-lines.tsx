/** @jsxImportSource hono/jsx */
import type { RunLine } from "../../core/log-line.ts";
import { escapeInvisible } from "../../core/text.ts";

/** What a run has printed, as client/follow.ts shows it while it runs. */
export function LogLines({ lines }: { lines: readonly RunLine[] }) {
  return (
    <div role="log" aria-label="Log lines" tabindex={0}>
      {lines.map((line) => (
        <div class={`line ${line.level}`}>
          <span>{originOf(line)}</span>
          <span>{escapeInvisible(line.message)}</span>
        </div>
      ))}
    </div>
  );
}

/** Who printed it, and how. It stands apart from the message, which may look like one of its own. */
function originOf({ level, server }: RunLine): string {
  return server === undefined ? `${level}: ` : `[${server}] ${level}: `;
}
