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

/** The text is the same for every tool of a server, so that it is read only once. */
export function programOf({ server, tool, args = {} }: CallInput): object {
  if (server === "runtime" && tool === "results.get") return { code: readingCode, args, allowedMcpIds: [] };
  if (server === "runtime" && tool === "resume") return { resume: String(args.token) };
  const member = Object.hasOwn(members, tool) ? members[tool] : undefined;
  const code = `import { args } from "runtime";\nimport * as client from ${JSON.stringify(`mcp-clients/${server}`)};\nreturn await client.${member ?? "$call(args.tool, args.args)"};`;
  const given = member === undefined ? { tool, args } : args;
  return { code, args: given, allowedMcpIds: [server], maxRuntimeMs: limits.runMsMax };
}

/** What a client has beside its tools, as calls with `args` as their only argument. */
const members: Readonly<Record<string, string>> = {
  $raw: "$raw(args.tool, args.args)",
  "$resources.list": "$resources.list()",
  "$resources.templates": "$resources.templates()",
  "$resources.read": "$resources.read(args.uri)",
  "$resources.skills": "$resources.skills()",
  "$prompts.list": "$prompts.list()",
  "$prompts.get": "$prompts.get(args.name, args.args)",
};

/** Such a client has no program that could read a handle. */
const readingCode = `import { args, results } from "runtime";
let value = await results.get(args.handle);
for (const step of args.path ?? []) value = value?.[step];
return typeof value === "string" || Array.isArray(value) ? value.slice(args.from ?? 0, args.to) : value;`;

const readingHint =
  'Only a part is shown. Read on: call_mcp_tool({ server: "runtime", tool: "results.get", args: { handle: string; path?: (string | number)[]; from?: number; to?: number } }); from and to count characters or items.';

/** How a client goes on with a run whose calls a person had to allow. */
export const resumeStep = "Then call execute_mcp_code with `resume`: the token, and nothing else.";
const directResumeStep = 'Then call_mcp_tool({ server: "runtime", tool: "resume", args: { token: string } }).';

interface CallOutcome {
  ok?: boolean | undefined;
  handle?: string | undefined;
  wholeHandle?: string | undefined;
  hint?: string | undefined;
  errors?: readonly PublicError[] | undefined;
  calls?: readonly DirectCall[] | undefined;
  callsHandle?: string | undefined;
}

interface DirectCall {
  outcome: string;
  /** Of a saved program. */
  calls?: readonly DirectCall[];
}

function isTelling({ outcome, calls = [] }: DirectCall): boolean {
  return outcome !== "succeeded" || calls.some(isTelling);
}

/** The outcome without what only concerns a program: a place in its source, hints, and the record of a call that succeeded. */
export function outcomeOfCall<T extends CallOutcome>({ ok, errors, calls, callsHandle, hint: _hint, ...outcome }: T) {
  const telling = calls?.filter(isTelling) ?? [];
  return {
    ok,
    ...(errors && { errors: errors.map(errorOfCall) }),
    ...outcome,
    ...((outcome.handle ?? outcome.wholeHandle) === undefined ? {} : { hint: readingHint }),
    ...(telling.length === 0 ? {} : { calls: telling, ...(callsHandle === undefined ? {} : { callsHandle }) }),
  };
}

function errorOfCall({ file: _file, line: _line, column: _column, frame: _frame, code, message, ...error }: PublicError) {
  return { code, message: message.replace(resumeStep, directResumeStep), ...error };
}
