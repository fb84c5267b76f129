import { parseArgs } from "node:util";

/** What a bench was asked for on its command line; undefined when that was wrong, which is told with the usage and ends with 2. */
export function readOptions(usage: string): { quick: boolean; json: boolean; help: boolean } | undefined {
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({ options: { quick: flag, json: flag, help: flag } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}
