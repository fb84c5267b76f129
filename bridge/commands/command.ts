import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { Log } from "../log.ts";

/** A subcommand of `mcp-bridge`. */
export interface Command {
  /** The name and its arguments, in commander's notation: `call <id> <tool> [json]`. */
  name: string;
  summary: string;
  options: readonly CommandOption[];
  /** What follows the first argument is not for commander: the flags of a script, --help among them. */
  passesFlags?: true;
  /** Lines of help besides the options, such as exit codes and environment variables. */
  notes?: readonly string[];
  examples: readonly string[];
  /**
   * Resolves with the exit code: 0 done, 1 failed.
   *
   * @throws UsageError when the command line is wrong (exit code 2)
   * @throws OrchestratorError when the command cannot do its work (exit code 1)
   */
  run(input: CommandInput): Promise<number>;
}

export interface CommandOption {
  /** In commander's notation: `--url <url>`. */
  flags: string;
  description: string;
  isRequired?: true;
  /** May be given several times; the values arrive as a list. */
  isRepeatable?: true;
}

export interface CommandInput {
  /** The positional arguments, in order; absent ones are undefined. */
  args: readonly (string | undefined)[];
  /** By long name, unparsed: each command has its own schema. */
  options: unknown;
  world: World;
}

/** Everything a command uses of the process it runs in. */
export interface World {
  environment: Environment;
  /** The folder that holds bridge/ and node_modules/. */
  projectRoot: string;
  workingDirectory: string;
  /** Prints a result to stdout and ends the line. */
  print: (text: string) => void;
  /** Writes notes, errors and progress to stderr, without adding a line break. */
  writeStderr: (text: string) => void;
  /** Whether stderr is a terminal, where a line can be redrawn. */
  isTerminal: boolean;
  log: Log;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP: the command stops what it started and returns. */
  signal: AbortSignal;
}

/** The release that runs. */
export function versionOf(projectRoot: string): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"))).version;
}
