/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** A longer text as it stands, with a name for whoever does not see where it is. */
export function TextBlock({ label, children }: { label: string; children?: Child }) {
  return (
    <section aria-label={label}>
      <pre tabindex={0}>{children}</pre>
    </section>
  );
}
