import { z } from "zod";
import { limits } from "../core/limits.ts";
import { local } from "./local.ts";
import { type SessionStub, sessionTarget } from "./session-target.ts";
import type { Answer, Target } from "./target.ts";
import { isTarget } from "./tools.ts";

/** A call that failed, with the code of the orchestrator's error. */
export class McpCallError extends Error {
  override readonly name = "McpCallError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Call = (tool: string, args?: Record<string, unknown>) => Promise<unknown>;

/** What a client that `mcp-bridge generate` writes is made of. */
export interface GeneratedClient {
  /** The orchestrator that calls go to. Without it that of this machine, which is started with the first call if need be. */
  $connect(target: Target | SessionStub): void;
  $call: Call;
  $raw: Call;
}

/** Calls the tools of one server through an orchestrator, by the same gate as programs. Rejects with McpCallError. */
export function createClient(id: string): GeneratedClient {
  let target: Target | undefined;
  const run = async (code: string, args: unknown): Promise<Answer> => {
    target ??= local();
    const answer = await target.call("execute_mcp_code", { code, args, allowedMcpIds: [id], maxRuntimeMs }, {});
    if (answer.ok === true) return answer;
    const { code: reason = "internal", message = "The call failed." } = Object(Object(answer.errors)[0]);
    throw new McpCallError(String(reason), String(message));
  };
  const call = async (form: "$call" | "$raw", tool: string, args: Record<string, unknown> = {}): Promise<unknown> => {
    // As text, in which images stay what they are: a program of the user's is no model, to which they would be shown.
    const code = `import { args } from "runtime";\nimport * as client from ${JSON.stringify(`mcp-clients/${id}`)};\nreturn JSON.stringify(await client.${form}(args.tool, args.args));`;
    const { result, handle } = await run(code, { tool, args });
    const text = handle === undefined ? result : await whole(String(handle));
    return typeof text === "string" ? JSON.parse(text) : undefined;
  };
  /** What is too large for one answer is read in pieces. */
  const whole = async (handle: string): Promise<string> => {
    let text = "";
    let chars: number = limits.resultCharsInline;
    for (;;) {
      const { result, handle: isCut } = await run(readPiece, { handle, from: text.length, chars });
      if (isCut !== undefined) {
        // Text of some scripts is too long for an answer with fewer characters.
        chars /= 2;
        continue;
      }
      const { piece, isLast } = Piece.parse(result);
      text += piece;
      if (isLast) return text;
    }
  };
  return {
    $connect: (to) => {
      target = isTarget(to) ? to : sessionTarget(to);
    },
    $call: (tool, args) => call("$call", tool, args),
    $raw: (tool, args) => call("$raw", tool, args),
  };
}

/** The most that a program may take. */
const maxRuntimeMs = 120_000;

const Piece = z.object({ piece: z.string().min(1), isLast: z.boolean() });

/** As much as fits into an answer when it is escaped, and no half of a character. */
const readPiece = `import { args, results } from "runtime";
const text = await results.get(args.handle);
let piece = text.slice(args.from, args.from + args.chars - 1_000);
while (JSON.stringify(piece).length > args.chars - 500) piece = piece.slice(0, piece.length / 2);
if (/[\\ud800-\\udbff]$/.test(piece)) piece = piece.slice(0, -1);
return { piece, isLast: args.from + piece.length >= text.length };`;
