/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** Where a script shows what a run prints, how far it is, and its answer: client/follow.ts. */
export function Following({ isLive = false, children }: { isLive?: boolean; children?: Child }) {
  return (
    <section aria-label="Answer">
      <progress id="progress" hidden aria-label="Progress of the program" />
      <div id="log" role="log" aria-label="Log lines" tabindex={0} hidden />
      <div id="answer" aria-live="polite">
        {isLive ? "It is running. Without a script, load this page again." : children}
      </div>
    </section>
  );
}
