import { isMisspelling } from "../closest.ts";
import type { Tool } from "../mcp/tool.ts";

/** Arguments and declared parameters that are compared: a schema or a call with more is data, not names that somebody typed. */
const comparedMax = 100;

interface NearMiss {
  sent: string;
  meant: string;
}

/**
 * The arguments that a tool does not declare, and that must be misspellings of parameters that the call leaves out. A tool with an open
 * schema accepts them and does something else than was wanted.
 */
export function nearMisses({ inputSchema }: Pick<Tool, "inputSchema">, args: Readonly<Record<string, unknown>>): NearMiss[] {
  const properties: unknown = inputSchema.properties;
  if (typeof properties !== "object" || properties === null) return [];
  const absent = Object.keys(properties)
    .filter((name) => !Object.hasOwn(args, name))
    .slice(0, comparedMax);
  return Object.keys(args)
    .slice(0, comparedMax)
    .filter((sent) => !Object.hasOwn(properties, sent) && sent.length <= comparedMax)
    .flatMap((sent) => {
      const meant = absent.find((name) => isMisspelling(sent, [name]));
      return meant === undefined ? [] : [{ sent, meant }];
    });
}
