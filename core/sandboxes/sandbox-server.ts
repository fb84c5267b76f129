import { z } from "zod";
import { type BuiltInServer, type BuiltInTool, builtInEntry, builtInServer, builtInTool } from "../built-in/built-in-server.ts";
import type { UpstreamCallOptions } from "../mcp/upstream.ts";
import { createSemaphore, type Semaphore } from "../semaphore.ts";
import { sandboxLimits } from "./sandbox-limits.ts";
import { runInSandbox, type SandboxRunParts } from "./sandbox-run.ts";
import type { Sandboxes } from "./sandboxes.ts";
import { shellReader } from "./shell-reader.ts";

interface SandboxServerParts extends SandboxRunParts {
  sandboxes: Sandboxes;
}

const entry = builtInEntry("sandbox", {
  title: "Sandbox",
  summary:
    "Shell commands (sort, uniq, awk, sed, grep, jq, …) and JavaScript over files that stay: sessions without network, each with files of its own in /workspace; the files of `files` in runtime are in /files.",
  domains: ["shell", "files"],
  tags: ["bash", "shell", "command line", "text processing", "data", "javascript"],
  examples: ["Count the lines of a log by status", "Sort, filter and join large text files", "Run a shell pipeline"],
  sensitivity: "low",
  // Every run may use it, and lists are of what somebody has registered.
  visibility: "opt_in",
  limits: { timeoutMs: sandboxLimits.runMsMax, callsPerRun: 2_000, callsPerMinute: 1_200, concurrency: 32 },
});

const sessionId = z.string().max(100).describe("As initialize returned it.");
const maxRuntimeMs = z.number().int().min(100).max(sandboxLimits.runMsMax).optional();
const session = z.object({
  sessionId: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  files: z.number(),
  bytes: z.number(),
});

/** The server `sandbox`: sessions with files of their own, in which shell commands and programs run without any server. */
export function createSandboxServer(parts: SandboxServerParts): BuiltInServer {
  const turns = createSemaphore(sandboxLimits.runsAtOnce);
  return builtInServer(entry, [...sessionTools(parts), execTool(parts, turns), runJsTool(parts, turns)]);
}

function sessionTools({ sandboxes }: SandboxServerParts): BuiltInTool[] {
  return [
    builtInTool({
      name: "initialize",
      description: "Start a session with an empty folder /workspace. It ends when it was not used for ttlMs.",
      input: z.object({
        ttlMs: z.number().int().min(sandboxLimits.idleMsMin).max(sandboxLimits.idleMsMax).default(sandboxLimits.idleMs),
      }),
      output: session,
      run: async ({ ttlMs }) => ({ ...(await sandboxes.start(ttlMs)) }),
    }),
    builtInTool({
      name: "stop",
      description: "End a session, what runs in it, and its files.",
      input: z.object({ sessionId }),
      output: z.object({ stopped: z.literal(true) }),
      annotations: { destructiveHint: true },
      run({ sessionId: id }) {
        sandboxes.stop(id);
        return { stopped: true };
      },
    }),
    builtInTool({
      name: "session_list",
      description: "The sessions that have not ended.",
      input: z.object({}),
      output: z.object({ sessions: z.array(session) }),
      annotations: { readOnlyHint: true },
      run: () => ({ sessions: sandboxes.list() }),
    }),
  ];
}

function execTool(parts: SandboxServerParts, turns: Semaphore): BuiltInTool {
  const commands = z.string().max(sandboxLimits.commandsCharsMax);
  return builtInTool({
    name: "exec",
    description:
      "Run shell commands in /workspace; several lines or a list run in one shell. /files holds what programs write with `files`. What they write stays, once all have ended. A failing command is an exitCode, no error.",
    input: z.object({
      sessionId,
      commands: commands.or(z.array(commands).min(1).max(sandboxLimits.commandListMax)),
      maxRuntimeMs,
    }),
    output: z.object({
      exitCode: z.number(),
      stdout: z.string(),
      stderr: z.string(),
      truncated: z.boolean().optional(),
      changedFiles: z.number().optional(),
      durationMs: z.number(),
    }),
    run: (input, options) =>
      parts.sandboxes.use(input.sessionId, options.signal, async (used) => {
        using _turn = await turns.acquire(used.signal);
        const reader = shellReader([input.commands].flat().join("\n"));
        // What runs is in the reader.
        const run = { code: "commands", language: "js", maxRuntimeMs: timeOf(input, options) };
        const { result, durationMs } = await runInSandbox({ ...parts, reader }, { ...used, input: run });
        return { ...Object(result), durationMs };
      }),
  });
}

function runJsTool(parts: SandboxServerParts, turns: Semaphore): BuiltInTool {
  return builtInTool({
    name: "run_js",
    description:
      "Run a JavaScript or TypeScript program, of any form that execute_mcp_code takes, without servers. `files` of runtime are those in /workspace.",
    input: z.object({ sessionId, code: z.string(), args: z.unknown().optional(), maxRuntimeMs }),
    output: z.object({
      result: z.any().optional(),
      logs: z.array(z.object({ level: z.string(), message: z.string() })).optional(),
      logsDropped: z.number().optional(),
      durationMs: z.number(),
    }),
    run: ({ code, args, ...input }, options) =>
      parts.sandboxes.use(input.sessionId, options.signal, async (used) => {
        using _turn = await turns.acquire(used.signal);
        const run = { code, maxRuntimeMs: timeOf(input, options), ...(args === undefined ? {} : { args }) };
        return { ...(await runInSandbox(parts, { ...used, input: run })) };
      }),
  });
}

/** It ends before the call that waits for it, so that the caller learns how. */
function timeOf({ maxRuntimeMs: wantedMs }: { maxRuntimeMs?: number | undefined }, { totalMs, timeoutMs }: UpstreamCallOptions) {
  const leftMs = (totalMs ?? timeoutMs) - sandboxLimits.answerMs;
  return Math.max(sandboxLimits.answerMs, Math.floor(Math.min(wantedMs ?? sandboxLimits.runMs, leftMs)));
}
