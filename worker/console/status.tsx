/** @jsxImportSource hono/jsx */

interface Ended {
  outcome: string;
  code?: string | undefined;
  rule?: string | undefined;
}

/** An outcome by sign, word and colour, with the code or the rule behind it. */
export function Status({ of: { outcome, code, rule } }: { of: Ended }) {
  const why = [code, rule].filter((word) => word !== undefined && word !== outcome).join(", ");
  return <span class={`status ${outcome}`}>{`${signs[outcome] ?? "·"} ${outcome}${why === "" ? "" : ` (${why})`}`}</span>;
}

const signs: Readonly<Record<string, string>> = {
  succeeded: "✓",
  failed: "✕",
  not_started: "–",
  unknown: "?",
  cancelled: "–",
  lost: "?",
};
