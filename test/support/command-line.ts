import { runCommandLine } from "../../bridge/commands/command-line.ts";
import { createLog } from "../../bridge/log.ts";
import { projectRoot } from "./project-root.ts";

interface Told {
  code: number;
  out: string;
  err: string;
}

/** The command `mcp-bridge` with these words, as cli.ts runs it, in this process. */
export async function runBridge(
  args: readonly string[],
  { folder, environment = {} }: { folder: string; environment?: Record<string, string> },
): Promise<Told> {
  const told = { out: "", err: "" };
  const tell = (text: string) => {
    told.err += text;
  };
  const code = await runCommandLine(args, {
    environment: (name) => environment[name] ?? process.env[name],
    projectRoot,
    workingDirectory: folder,
    print: (text) => {
      told.out += `${text}\n`;
    },
    tell,
    isWatched: false,
    log: createLog(tell),
    signal: new AbortController().signal,
  });
  return { code, ...told };
}
