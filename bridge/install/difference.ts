/**
 * What an edit removes and adds at a place of a document, in lines with - and + before them. Nothing else of the file is shown, because it
 * may hold secrets of other servers.
 */
export function difference(path: readonly string[], { before, after }: { before: unknown; after: unknown }): string[] {
  const old = linesOf(path, before);
  const now = linesOf(path, after);
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.map((line) => `${old.includes(line) ? " " : "+"} ${line}`),
  ];
}

function linesOf(path: readonly string[], value: unknown): string[] {
  return value === undefined ? [] : `${path.join(".")}: ${JSON.stringify(value, undefined, 2)}`.split("\n");
}
