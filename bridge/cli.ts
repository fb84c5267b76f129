import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { World } from "./commands/command.ts";
import { exitCodes, runCommandLine } from "./commands/command-line.ts";
import { onNpmExit } from "./local/npm-parent.ts";
import { createLog } from "./log.ts";
import { bannerHint } from "./npm-banner.ts";

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
  // Whoever read the output has closed it, as `| head` does: the command stops, and does not crash at its next line.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      interrupt.abort();
    });
  }
  using _parent = onNpmExit(stop);
  const environment = (name: string) => process.env[name];
  process.stderr.write(bannerHint(argv, { environment, isTerminal: process.stdout.isTTY === true }) ?? "");
  try {
    return await runCommandLine(argv, createWorld(interrupt.signal));
  } finally {
    for (const signal of endSignals) process.off(signal, stop);
  }
}

function createWorld(signal: AbortSignal): World {
  const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));
  return {
    environment: (name) => process.env[name],
    projectRoot,
    workingDirectory: whereTheUserStands(projectRoot),
    print: (text) => process.stdout.write(`${text}\n`),
    writeStderr: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    log: createLog((text) => process.stderr.write(text)),
    signal,
  };
}

/** npm runs a script in the project's folder, and says in INIT_CWD from where it was called. */
function whereTheUserStands(projectRoot: string): string {
  const isScript = process.env.npm_package_json === join(projectRoot, "package.json") && process.cwd() === projectRoot;
  return (isScript && process.env.INIT_CWD) || process.cwd();
}
