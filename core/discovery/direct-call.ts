import { z } from "zod";
import type { PublicError } from "../errors.ts";
import { limits } from "../limits.ts";

/*
 * `?mode=direct`: for clients that bring a sandbox of their own, one tool is called without a program. It runs as a program of one
 * call all the same, so that it passes the same gate, and its result is bounded, shown and kept like any other.
 */

export const CallInput = z.strictObject({
  server: z.string(),
  tool: z.string(),
  args: z.looseObject({}).optional(),
});
export type CallInput = z.infer<typeof CallInput>;

/** The same text for every tool of a server: it is read only once. */
export function programOf({ server, tool, args = {} }: CallInput): object {
  const code = `import { args } from "runtime";\nimport { $call } from ${JSON.stringify(`mcp-clients/${server}`)};\nreturn await $call(args.tool, args.args);`;
  return { code, args: { tool, args }, allowedMcpIds: [server], maxRuntimeMs: limits.runMsMax };
}

interface CallOutcome {
  errors?: readonly PublicError[] | undefined;
  calls?: readonly { outcome: string }[] | undefined;
}

/** The outcome without what only concerns a program: a place in its source, and the record of a call that succeeded. */
export function outcomeOfCall<T extends CallOutcome>({ errors, calls, ...outcome }: T) {
  const telling = calls?.filter((call) => call.outcome !== "succeeded") ?? [];
  return {
    ...outcome,
    ...(errors && { errors: errors.map(({ file: _file, line: _line, column: _column, frame: _frame, ...error }) => error) }),
    ...(telling.length === 0 ? {} : { calls: telling }),
  };
}
