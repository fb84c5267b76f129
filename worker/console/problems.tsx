/** @jsxImportSource hono/jsx */
import type { EntryProblem } from "../../core/registry/registry-change.ts";

/** The sentences of the registry's own reader. */
export function Problems({ of: problems }: { of: readonly EntryProblem[] }) {
  return problems.length === 0 ? null : (
    <ul class="problem">
      {problems.map(({ path, message, line }) => (
        <li>
          {path === "" ? null : <code>{path}</code>} {message}
          {line === undefined ? null : ` (line ${line})`}
        </li>
      ))}
    </ul>
  );
}
