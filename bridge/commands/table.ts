/** A header and aligned columns, without trailing spaces. Line breaks inside a cell become spaces. */
export function formatTable<Column extends string>(rows: readonly Record<Column, string>[], columns: readonly Column[]): string {
  const lines = [
    columns.map((column) => column.toUpperCase()),
    ...rows.map((row) => columns.map((column) => oneLine(row[column]))),
  ];
  const widths = columns.map((_column, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function oneLine(cell: string): string {
  return cell.replace(/\s+/g, " ").trim();
}
