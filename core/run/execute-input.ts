import { z } from "zod";
import { readExecuteInput } from "../discovery/input.ts";
import { OrchestratorError } from "../errors.ts";
import { readSources } from "../program/sources.ts";
import { startOf } from "../text.ts";
import { approvalLimits } from "./approval-limits.ts";

const Resume = z.looseObject({ resume: z.string().trim().min(1) });

/** The token with which a request of execute_mcp_code goes on with a run. Whatever else it says is not read. */
export function resumeTokenIn(input: unknown): string | undefined {
  const read = Resume.safeParse(input);
  return read.success ? read.data.resume : undefined;
}

/** The files of a program as a person is shown them, cut, and with a word about it, to what fits on a page. Empty if they cannot be read. */
export function filesIn(input: unknown): Record<string, string> {
  let left: number = approvalLimits.shownProgramChars;
  const shown: Record<string, string> = {};
  try {
    for (const [path, source] of readSources(readExecuteInput(input)).sources) {
      const cut = source.length > left ? `\n… ${source.length - left} more characters, which are not shown` : "";
      shown[path] = startOf(source, left) + cut;
      left -= Math.min(left, source.length);
    }
  } catch (error) {
    // The run itself says what is wrong with them.
    if (!(error instanceof OrchestratorError)) throw error;
  }
  return shown;
}
