import { text } from "node:stream/consumers";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { withoutControls } from "../../core/log-line.ts";
import { toIdentifier } from "../../core/registry/identifiers.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { runProgram } from "./exec.ts";
import { flagsHelp, readFlags } from "./flags.ts";
import { registryOption } from "./open-registry.ts";
import { urlOption } from "./orchestrator-client.ts";
import { openSaved, printJson, wholeResult } from "./saved-client.ts";
import { whileOrchestrated } from "./while-orchestrated.ts";

const Options = z.object({
  url: z.string().optional(),
  session: z.string().optional(),
  registry: z.string().optional(),
});
type Options = z.infer<typeof Options>;

export const run: Command = {
  name: "run <script> [flags...]",
  summary: "run a saved program or a script with flags, and print its result as JSON",
  options: [
    urlOption,
    { flags: "--session <name>", description: "the session to run in (default: the default session)" },
    registryOption,
  ],
  passesFlags: true,
  notes: [
    "These options stand before the script; what follows it are the script's own flags: `mcp-bridge run <script> --help` shows them.",
    "`-` reads arguments from standard input, as one JSON object; flags come on top of them. A `--` before the flags is left out.",
    "If nothing answers on this machine, an orchestrator is started for this one run. The result goes to standard output as JSON, logs",
    "and progress to standard error. Exits with 0 when it succeeded, with 1 when it failed, with 2 when a flag is wrong.",
  ],
  examples: [
    "mcp-bridge run weekly_report --since 2026-11-01 --top 5",
    "mcp-bridge run weekly_report - < arguments.json",
    "mcp-bridge run weekly_report --help",
  ],
  async run({ args: [script = "", ...rest], options, world }) {
    const { url, session, registry } = Options.parse(options);
    const words = z.array(z.string()).parse(rest.flat());
    return await whileOrchestrated(world, { url, registry }, () => runScript(world, script, words, { url, session }));
  },
};

async function runScript(
  world: World,
  script: string,
  words: readonly string[],
  at: Pick<Options, "url" | "session">,
): Promise<number> {
  await using saved = await openSaved(world, at);
  const tool = await saved.get(script);
  if (tool.stale !== undefined) {
    throw new OrchestratorError("stale_tool", withoutControls(`${script} has errors, so it was not run: ${tool.stale}`));
  }
  const { args: flags, own } = readFlags(words, tool);
  if (own.help) {
    world.print(flagsHelp(tool));
    if (tool.warning !== undefined) world.writeStderr(`warning: ${withoutControls(tool.warning)}\n`);
    return 0;
  }
  const args = own.stdin ? readFlags(words, tool, await argumentsOnStdin()).args : flags;
  if (!tool.enabled) throw new OrchestratorError("tool_unknown", `${script} is disabled. Its page in the console enables it.`);
  if (tool.proposed) {
    const accepts = `mcp-bridge save --accept ${tool.name} --revision ${tool.revision}`;
    throw new OrchestratorError("tool_unknown", `${script} waits until a person accepts it: ${accepts}`);
  }
  const code = "return await saved.$call(args.tool, args.args);";
  const input = { code, args: { tool: toIdentifier(tool.name), args }, allowedMcpIds: ["saved"] };
  const maxRuntimeMs = Math.min(limits.runMsMax, tool.timeoutMs + graceMs);
  const outcome = await runProgram(saved.client, { ...input, maxRuntimeMs }, world);
  printJson(world, await wholeResult(saved.client, outcome, world));
  return 0;
}

async function argumentsOnStdin(): Promise<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await text(process.stdin)));
  } catch (cause) {
    throw new UsageError("With `-`, standard input has the arguments as one JSON object, and nothing else.", { cause });
  }
}

/** The script's own time limit ends it, and says so. */
const graceMs = 5_000;
