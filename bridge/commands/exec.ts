import { relative, resolve } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { z } from "zod";
import { parseClientSpecifier } from "../../core/codegen/specifiers.ts";
import { OrchestratorError, PublicError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { limits } from "../../core/limits.ts";
import { LogLine, type RunLine } from "../../core/log-line.ts";
import { UsageError } from "../usage-error.ts";
import { untilDecided } from "./approval-wait.ts";
import type { Command, World } from "./command.ts";
import { createLiveTerminal } from "./live-terminal.ts";
import { addressOf, openOrchestrator, urlOption } from "./orchestrator-client.ts";
import { gatherProgram, type ProgramFiles } from "./program-files.ts";

const Options = z.object({
  allow: z
    .string()
    .transform((ids) => ids.split(",").map((id) => id.trim()))
    .optional(),
  arg: z.array(z.string()).default([]),
  url: z.string().optional(),
  session: z.string().optional(),
  timeout: z.coerce.number().int().min(1).max(limits.runMsMax).optional(),
  json: z.boolean().default(false),
});

/** The parts of execute_mcp_code's outcome that are shown. */
const Outcome = z.looseObject({
  ok: z.boolean(),
  result: z.unknown().optional(),
  handle: z.string().optional(),
  hint: z.string().optional(),
  logs: z.array(LogLine.extend({ server: z.string().optional() })).default([]),
  logsDropped: z.number().optional(),
  errors: z.array(PublicError).default([]),
  calls: z
    .array(z.looseObject({ server: z.string(), tool: z.string(), outcome: z.string(), count: z.number().default(1) }))
    .default([]),
});
export type Outcome = z.infer<typeof Outcome>;

export const exec: Command = {
  name: "exec <file>",
  summary: "run a program in a running orchestrator and show its logs live",
  options: [
    { flags: "--allow <ids>", description: "ids of the servers it may use, separated by commas (default: the default servers)" },
    {
      flags: "--arg <key=value>",
      description: "an entry of `args`; read as JSON if it is JSON, else as text",
      isRepeatable: true,
    },
    {
      flags: "--timeout <ms>",
      description: `how long it may run (default: ${limits.runMs} and one call of its slowest server, at most ${limits.runMsMax})`,
    },
    urlOption,
    { flags: "--session <name>", description: "the session to run in (default: the default session)" },
    { flags: "--json", description: "print the whole outcome as JSON" },
  ],
  notes: [
    "Files that it imports by a relative path are sent with it. The result goes to standard output, logs and errors to standard",
    "error. The token is read from AUTH_TOKEN; that of npm start on this machine is found by itself. Ctrl-C cancels the run. Where calls",
    "need a person, it says where to decide, and in a terminal it waits and goes on; elsewhere it exits with 1.",
    "Exits with 0 when the program succeeded, with 1 when it failed, with 2 when the command line is wrong.",
  ],
  examples: ["mcp-bridge exec report.ts --allow time,grep --arg zone=Asia/Tokyo --arg 'days=[1,2]'"],
  async run({ args: [file = ""], options, world }) {
    const { allow, arg, url, session, timeout, json } = readOptions(options);
    const input = { args: readArgs(arg), allowedMcpIds: allow, maxRuntimeMs: timeout };
    const program = await gatherProgram(file, world.workingDirectory);
    const { files, entrypoint } = program;
    const client = await openOrchestrator(await addressOf(world, { url, session }), world.signal);
    const language = /\.[cm]?jsx?$/.test(entrypoint) ? "js" : "ts";
    try {
      const answer = await runProgram(client, { files, entrypoint, language, ...withoutAbsent(input) }, world);
      if (json) world.print(JSON.stringify(answer, undefined, 2));
      return show(answer, { world, program, isResultShown: !json });
    } finally {
      await client.close();
    }
  },
};

/**
 * Runs a program and shows its logs and progress meanwhile, and where a person decides about its calls.
 * @param input of execute_mcp_code
 * @throws OrchestratorError `cancelled` when the world ends
 */
export async function runProgram(client: Client, input: Record<string, unknown>, world: World): Promise<Outcome> {
  // A person reads them, and not a model, for which an answer shows only some.
  const first = await followRun(client, { maxLogs: limits.logLines, ...input }, world);
  return await untilDecided(first, { world, resume: (token) => followRun(client, { resume: token }, world) });
}

async function followRun(client: Client, input: Record<string, unknown>, world: World): Promise<Outcome> {
  const terminal = createLiveTerminal(world);
  let printed = 0;
  client.setNotificationHandler("notifications/message", ({ params }) => {
    printed += 1;
    terminal.printed({ level: levelOf(params.level), message: String(params.data), ...loggingServer(params.logger) });
  });
  const runMs = typeof input.maxRuntimeMs === "number" ? input.maxRuntimeMs : limits.runMs;
  try {
    const answer = await client.callTool(
      { name: "execute_mcp_code", arguments: input, _meta: { "io.modelcontextprotocol/logLevel": "debug" } },
      { signal: world.signal, timeout: runMs + startMs, onprogress: (progress) => terminal.progressed(progress) },
    );
    const outcome = Outcome.parse(answer.structuredContent);
    // Lines that did not arrive as log notifications during the run.
    for (const line of outcome.logs.slice(printed)) terminal.printed(line);
    return outcome;
  } catch (error) {
    terminal.clear();
    if (world.signal.aborted) {
      world.writeStderr("cancelled\n");
      throw new OrchestratorError("cancelled", "The run was cancelled.", { cause: error });
    }
    throw error instanceof z.ZodError ? unreadableOutcome(error) : error;
  } finally {
    terminal.clear();
  }
}

/** Allowed on top of the run's limit, which starts only once the program's servers are listed and the program is compiled. */
const startMs = 60_000;

function readOptions(options: unknown): z.infer<typeof Options> {
  const parsed = Options.safeParse(options);
  if (!parsed.success) throw new UsageError(`--timeout takes a whole number of milliseconds from 1 to ${limits.runMsMax}.`);
  return parsed.data;
}

function readArgs(pairs: readonly string[]): Record<string, JsonValue> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`--arg ${JSON.stringify(pair)} has no name. Write --arg key=value.`);
      return [pair.slice(0, at), readValue(pair.slice(at + 1))];
    }),
  );
}

function readValue(text: string): JsonValue {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    // Not JSON, so it is text, as most values are.
    return text;
  }
}

function withoutAbsent(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The server that logged the line: the orchestrator's `logger` for it is the specifier that programs import. */
function loggingServer(logger: string | undefined): Pick<RunLine, "server"> {
  const client = logger === undefined ? undefined : parseClientSpecifier(logger);
  return client && "id" in client ? { server: client.id } : {};
}

function levelOf(level: string): LogLine["level"] {
  if (level === "debug") return "debug";
  if (level === "warning") return "warn";
  return level === "info" || level === "notice" ? "log" : "error";
}

function show(
  outcome: Outcome,
  { world, program, isResultShown }: { world: World; program: ProgramFiles; isResultShown: boolean },
): number {
  const { ok, result, handle, hint, errors, calls, logsDropped } = outcome;
  if (logsDropped !== undefined) world.writeStderr(`${logsDropped} more log lines were dropped: over the limit of a run.\n`);
  for (const error of errors) world.writeStderr(`${errorText(error, { world, program })}\n`);
  if (!ok) {
    for (const line of callLines(calls)) world.writeStderr(`${line}\n`);
    return 1;
  }
  if (isResultShown && result !== undefined) {
    world.print(typeof result === "string" ? result : JSON.stringify(result, undefined, 2));
  }
  if (handle !== undefined) {
    world.writeStderr(`This is a preview. To read the full result in a later run of this session: results.get("${handle}")\n`);
  }
  if (hint !== undefined) world.writeStderr(`${hint}\n`);
  return 0;
}

function errorText(error: PublicError, { world, program }: { world: World; program: ProgramFiles }): string {
  const { code, message, file, line, column, frame } = error;
  const path = file === undefined ? undefined : relative(world.workingDirectory, resolve(program.root, file));
  const place = [path, line, column].filter((part) => part !== undefined).join(":");
  return `${place === "" ? "" : `${place}: `}${code}: ${message}${frame === undefined ? "" : `\n${frame}`}`;
}

/** The calls that were made before the run failed, so that the user can decide whether it is safe to run it again. */
function callLines(calls: Outcome["calls"]): string[] {
  const counts = new Map<string, number>();
  for (const { server, tool, outcome, count } of calls) {
    const key = `${server}.${tool} ${outcome.replace("_", " ")}`;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return [...counts].map(([what, count]) => `call: ${what}${count === 1 ? "" : ` (${count} times)`}`);
}

function unreadableOutcome(cause: unknown): OrchestratorError {
  return new OrchestratorError(
    "internal",
    "The orchestrator's answer is not a run outcome. Update the orchestrator and mcp-bridge to the same release.",
    {
      cause,
    },
  );
}
