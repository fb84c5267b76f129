import { grep } from "mcp-clients";

/**
 * How many lines below a folder match each of several patterns.
 * @allow grep
 * @example { "patterns": ["TODO", "FIXME"], "path": "src" }
 */
export default async function comparePatterns({
  patterns,
  path = ".",
}: {
  /** Regular expressions. */
  patterns: string[];
  path?: string;
}): Promise<{ pattern: string; lines: number }[]> {
  const count = async (pattern: string) => {
    const found = String(await grep.search({ pattern, path, maxResults: 10_000 }));
    return found.split("\n").filter((line) => /^(?:.*?:)?\d+:/.test(line)).length;
  };
  return Promise.all(patterns.map(async (pattern) => ({ pattern, lines: await count(pattern) })));
}
