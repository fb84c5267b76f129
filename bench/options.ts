import { parseArgs } from "node:util";

/** The options on a bench's command line. If they are wrong, prints the usage, sets exit code 2 and returns undefined. */
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
