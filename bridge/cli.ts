import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError, Command as Program } from "commander";
import { OrchestratorError } from "../core/errors.ts";
import { call } from "./commands/call.ts";
import { check } from "./commands/check.ts";
import type { Command, World } from "./commands/command.ts";
import { exec } from "./commands/exec.ts";
import { importServers } from "./commands/import.ts";
import { list } from "./commands/list.ts";
import { local } from "./commands/local.ts";
import { start } from "./commands/start.ts";
import { onNpmExit } from "./local/npm-parent.ts";
import { createLog } from "./log.ts";
import { UsageError } from "./usage-error.ts";

const commands: readonly Command[] = [local, start, check, list, call, exec, importServers];

/** 0 done, 1 failed, 2 the command line is wrong, 130 interrupted. `start` exits with 0 on Ctrl-C, its normal end. */
const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * SIGHUP too: without a handler, closing the terminal would kill this process, and its servers, which are in process groups
 * of their own, would keep running.
 */
const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const stop = (): void => {
    // A second Ctrl-C exits at once; the orphan reaper then ends the servers that are still running.
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort();
  };
  for (const signal of endSignals) process.on(signal, stop);
  using _parent = onNpmExit(stop);
  try {
    return await runCommand(argv, createWorld(interrupt.signal));
  } finally {
    for (const signal of endSignals) process.off(signal, stop);
  }
}

async function runCommand(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const program = new Program("mcp-bridge")
    .description("Connects the stdio servers of this machine's registry to the orchestrator.")
    .exitOverride()
    .showHelpAfterError();
  for (const command of commands) {
    addCommand(program, command, async (args, options) => {
      exitCode = await command.run({ args, options, world });
    });
  }
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(error, { program, argv, isInterrupted: world.signal.aborted });
  }
}

function addCommand(
  program: Program,
  command: Command,
  run: (args: readonly (string | undefined)[], options: unknown) => Promise<void>,
): void {
  const sub = program.command(command.name).summary(command.summary).description(command.summary);
  for (const { flags, description, isRequired, isRepeatable } of command.options) {
    if (isRepeatable) sub.option(flags, description, (value: string, before: string[] = []) => [...before, value]);
    else if (isRequired) sub.requiredOption(flags, description);
    else sub.option(flags, description);
  }
  if (command.notes) sub.addHelpText("after", `\n${command.notes.join("\n")}`);
  sub.addHelpText("after", `\nExamples:\n${command.examples.map((example) => `  ${example}`).join("\n")}`);
  sub.action(async () => run(sub.processedArgs, sub.opts()));
}

function reportError(error: unknown, context: { program: Program; argv: readonly string[]; isInterrupted: boolean }): number {
  const { program, argv, isInterrupted } = context;
  // Commander has already printed its message. It also throws after --help, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof UsageError) {
    const used = program.commands.find((command) => command.name() === argv[0]) ?? program;
    process.stderr.write(`error: ${error.message}\n\n${used.helpInformation()}`);
    return exitCodes.usage;
  }
  if (isInterrupted) return exitCodes.interrupted;
  if (!(error instanceof OrchestratorError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  return exitCodes.failed;
}

function createWorld(signal: AbortSignal): World {
  return {
    environment: (name) => process.env[name],
    projectRoot: dirname(dirname(fileURLToPath(import.meta.url))),
    workingDirectory: process.cwd(),
    print: (text) => process.stdout.write(`${text}\n`),
    writeStderr: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    log: createLog((text) => process.stderr.write(text)),
    signal,
  };
}
