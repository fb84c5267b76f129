import { isDeeperJson } from "../json.ts";
import { visibleJson } from "../text.ts";
import { writeIntegers } from "./integers.ts";

/** Deeper ones are shown on one line. */
const indentedDepthMax = 50;

/**
 * The arguments of a call as a person reads them: as they are sent, with an escape in place of each character that cannot be seen.
 * @param argsJson as JSON.stringify writes it
 * @param indent spaces of each level; left out, they stand on one line
 */
export function shownArguments(argsJson: string, indent = 0): string {
  const isIndented = indent > 0 && !isDeeperJson(argsJson, indentedDepthMax);
  return visibleJson(writeIntegers(isIndented ? JSON.stringify(JSON.parse(argsJson), null, indent) : argsJson));
}
