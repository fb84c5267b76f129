import { type Program, shellModule } from "../program/program.ts";
import type { ProgramReader } from "../program/reader.ts";
import { sandboxLimits } from "./sandbox-limits.ts";

const entry = "commands.js";

/**
 * Shell commands as a program that needs no reading. It runs like any other, with nothing but files to call. The commands are part of it, so that
 * those that block a process are known again.
 */
export function shellReader(commands: string): ProgramReader {
  const bounds = {
    outputChars: sandboxLimits.outputCharsMax,
    outputBytes: sandboxLimits.outputBytesMax,
    fileBytes: sandboxLimits.shellFilesBytesMax,
  };
  const main = [
    "export default async (require, _exports, pass, start) => {",
    "  await start;",
    '  const [{ run }, { files }] = [require("shell"), require("runtime")];',
    `  return run({ pass, files, commands: ${JSON.stringify(commands)}, bounds: ${JSON.stringify(bounds)} });`,
    "};",
  ];
  const program: Program = {
    entry,
    modules: { [entry]: main.join("\n") },
    // The shell compresses with it.
    links: { [entry]: { shell: shellModule, runtime: "runtime", "node:zlib": "node:zlib" } },
    hasShell: true,
    isTraceless: false,
  };
  return { read: async () => ({ kind: "ready", program, servers: [], hasResult: true, positions: {}, isChecked: true }) };
}
