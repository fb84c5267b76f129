import { runCommandLine } from "../../bridge/commands/command-line.ts";
import { createLog } from "../../bridge/log.ts";
import { projectRoot } from "./project-root.ts";

interface Printed {
  code: number;
  out: string;
  err: string;
}

/** Runs `mcp-bridge` with these arguments in this process, as cli.ts does in one of its own. */
export async function runBridge(
  args: readonly string[],
  { folder, environment = {} }: { folder: string; environment?: Record<string, string> },
): Promise<Printed> {
  const printed = { out: "", err: "" };
  const writeStderr = (text: string) => {
    printed.err += text;
  };
  const code = await runCommandLine(args, {
    environment: (name) => environment[name] ?? process.env[name],
    projectRoot,
    workingDirectory: folder,
    print: (text) => {
      printed.out += `${text}\n`;
    },
    writeStderr,
    isTerminal: false,
    log: createLog(writeStderr),
    signal: new AbortController().signal,
  });
  return { code, ...printed };
}
