import type { Environment } from "../../core/registry/interpolation.ts";
import type { Log } from "../log.ts";

/** What `command-line.ts` runs by name. */
export interface Command {
  /** With its arguments, in commander's notation: `call <id> <tool> [json]`. */
  name: string;
  summary: string;
  options: readonly CommandOption[];
  /** What the help says besides the options: exit codes, variables. One line each. */
  notes?: readonly string[];
  examples: readonly string[];
  /**
   * Resolves with the exit code: 0 done, 1 failed. Throws a UsageError when the command line is wrong, which is code 2,
   * and an OrchestratorError when something it needs is.
   */
  run(input: CommandInput): Promise<number>;
}

export interface CommandOption {
  /** In commander's notation: `--url <url>`. */
  flags: string;
  description: string;
  isRequired?: true;
  /** May be given several times; arrives as a list. */
  isRepeatable?: true;
}

export interface CommandInput {
  /** The positional arguments, in order; absent ones are undefined. */
  args: readonly (string | undefined)[];
  /** By long name; each command parses its own. */
  options: unknown;
  world: World;
}

/** All that a command touches of the process it runs in. */
export interface World {
  environment: Environment;
  /** The folder that holds bridge/ and node_modules/. */
  projectRoot: string;
  /** The folder the user stands in. */
  workingDirectory: string;
  /** Results, for people or for a pipe. */
  print: (text: string) => void;
  /** What is said beside the result: one piece of text, as it stands. */
  tell: (text: string) => void;
  /** Whether someone sees what is told, as it is told. */
  isWatched: boolean;
  log: Log;
  /** Aborted by Ctrl-C and TERM: the command ends what it started and returns. */
  signal: AbortSignal;
}
