/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

interface TableProps {
  caption: string;
  columns: readonly string[];
  class?: string;
  id?: string;
  /** Its rows. */
  children?: Child;
}

/** A table that scrolls by itself on a narrow screen. */
export function Table({ caption, columns, children, ...attributes }: TableProps) {
  return (
    <div class="wide">
      <table {...attributes}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
