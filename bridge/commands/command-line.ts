import { CommanderError, Command as Program } from "commander";
import { OrchestratorError } from "../../core/errors.ts";
import { fileRefusal } from "../../core/file-refusal.ts";
import { UsageError } from "../usage-error.ts";
import { accept } from "./accept.ts";
import { approvals } from "./approvals.ts";
import { call } from "./call.ts";
import { check } from "./check.ts";
import { type Command, versionOf, type World } from "./command.ts";
import { doctor } from "./doctor.ts";
import { exec } from "./exec.ts";
import { exportSaved } from "./export.ts";
import { generate } from "./generate.ts";
import { importServers } from "./import.ts";
import { install, uninstall } from "./install.ts";
import { list } from "./list.ts";
import { local } from "./local.ts";
import { run } from "./run.ts";
import { save } from "./save.ts";
import { session } from "./session.ts";
import { skill } from "./skill.ts";
import { start } from "./start.ts";
import { stdio } from "./stdio.ts";
import { token } from "./token.ts";

const commands: readonly Command[] = [
  local,
  start,
  check,
  list,
  call,
  exec,
  run,
  save,
  exportSaved,
  skill,
  importServers,
  session,
  token,
  doctor,
  approvals,
  accept,
  stdio,
  install,
  uninstall,
  generate,
];

/** 0 done, 1 failed, 2 the command line is wrong, 130 interrupted. `start` exits with 0 on Ctrl-C, its normal end. */
export const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const;

/** Runs what the words of a command line ask for, and resolves with the exit code. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const program = new Program("mcp-bridge")
    .description("Connects the stdio servers of this machine's registry to the orchestrator.")
    .version(versionOf(world.projectRoot))
    .exitOverride()
    // `print` ends the line that commander has already ended.
    .configureOutput({ writeOut: (text) => world.print(text.replace(/\n$/, "")), writeErr: world.writeStderr })
    .showHelpAfterError()
    .enablePositionalOptions();
  for (const command of commands) {
    addCommand(program, command, async (args, options) => {
      exitCode = await command.run({ args, options, world });
    });
  }
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(error, { program, argv, world });
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
  if (command.passesFlags) sub.passThroughOptions();
  if (command.notes) sub.addHelpText("after", `\n${command.notes.join("\n")}`);
  sub.addHelpText("after", `\nExamples:\n${command.examples.map((example) => `  ${example}`).join("\n")}`);
  sub.action(async () => run(sub.processedArgs.flat(), sub.opts()));
}

function reportError(error: unknown, context: { program: Program; argv: readonly string[]; world: World }): number {
  const { program, argv, world } = context;
  // Commander has already printed its message. It also throws after --help, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof UsageError) {
    const used = program.commands.find((command) => command.name() === argv[0]) ?? program;
    world.writeStderr(`error: ${error.message}\n\n${error.usage ?? used.helpInformation()}`);
    return exitCodes.usage;
  }
  if (world.signal.aborted) return exitCodes.interrupted;
  const message = error instanceof OrchestratorError ? error.message : fileRefusal(error);
  if (message === undefined) throw error;
  world.writeStderr(`error: ${message}\n`);
  return exitCodes.failed;
}
