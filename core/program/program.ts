/** What the sandbox loads: the user's files and the generated clients they import, and nothing else of the registry. */
export interface Program {
  /** Path of the user file that runs. */
  entry: string;
  /** Module name → JavaScript. User files export one async factory each (see compile.ts); clients are plain modules. */
  modules: Record<string, string>;
  /** For each user file: specifier as written → module name. */
  links: Record<string, Record<string, string>>;
  /** It runs shell commands, so the shell is loaded beside it, as the module `shellModule`. */
  hasShell?: true;
  /** The isolate may run it again, if nothing in it has changed. */
  isTraceless: boolean;
}

/** No path of a user's file is one in this folder. */
export const shellModule = "mcp-orchestrator/shell.js";
