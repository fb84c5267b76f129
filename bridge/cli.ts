import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { World } from "./commands/command.ts";
import { exitCodes, runCommandLine } from "./commands/command-line.ts";
import { onNpmGone } from "./local/npm-parent.ts";
import { createLog } from "./log.ts";

/** HUP too: a closed terminal would end this process at once, and the servers, in groups of their own, not at all. */
const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const stop = (): void => {
    // A second Ctrl-C does not wait for anyone; leaving the process kills what it started.
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort();
  };
  for (const signal of endSignals) process.on(signal, stop);
  using _parent = onNpmGone(stop);
  try {
    return await runCommandLine(argv, thisWorld(interrupt.signal));
  } finally {
    for (const signal of endSignals) process.off(signal, stop);
  }
}

function thisWorld(signal: AbortSignal): World {
  return {
    environment: (name) => process.env[name],
    projectRoot: dirname(dirname(fileURLToPath(import.meta.url))),
    workingDirectory: process.cwd(),
    print: (text) => process.stdout.write(`${text}\n`),
    tell: (text) => process.stderr.write(text),
    isWatched: process.stderr.isTTY === true,
    log: createLog((text) => process.stderr.write(text)),
    signal,
  };
}
