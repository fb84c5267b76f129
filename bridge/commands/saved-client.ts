import type { Client } from "@modelcontextprotocol/client";
import { z } from "zod";
import { closestHint, closestTo, named } from "../../core/closest.ts";
import { OrchestratorError } from "../../core/errors.ts";
import { withoutControls } from "../../core/log-line.ts";
import { Shown } from "../../core/saved/inputs.ts";
import type { World } from "./command.ts";
import { type Outcome, runProgram } from "./exec.ts";
import { addressOf, openOrchestrator } from "./orchestrator-client.ts";

/** A saved program as `dynamic` shows it, perhaps that of a later release, with more. */
export const Saved = Shown.loose();
export type Saved = z.infer<typeof Saved>;

export interface SavedClient extends AsyncDisposable {
  client: Client;
  /** Calls a tool of `dynamic`. @throws OrchestratorError with the reason of the refusal */
  dynamic(tool: string, args: object): Promise<unknown>;
  get(name: string): Promise<Saved>;
}

/** The saved programs of a running orchestrator. */
export async function openSaved(
  world: World,
  at: { url?: string | undefined; session?: string | undefined },
): Promise<SavedClient> {
  const client = await openOrchestrator(await addressOf(world, at), world.signal);
  async function dynamic(tool: string, args: object): Promise<unknown> {
    const code = `return await dynamic.$call(args.tool, args.args);`;
    return await wholeResult(
      client,
      await runProgram(client, { code, args: { tool, args }, allowedMcpIds: ["dynamic"], maxRuntimeMs: changeMs }, world),
      world,
    );
  }
  return {
    client,
    dynamic,
    async get(name) {
      try {
        return z.object({ tool: Saved }).parse(await dynamic("tool_get", { name })).tool;
      } catch (error) {
        const { tools } = z.object({ tools: z.array(Saved) }).parse(await dynamic("tool_list", {}));
        const names = tools.map((tool) => tool.name);
        throw names.includes(name) ? error : noSuchProgram(name, names);
      }
    },
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}

function noSuchProgram(name: string, names: readonly string[]): OrchestratorError {
  const known = names.slice(0, namesShownMax).join(", ") + (names.length > namesShownMax ? ", …" : "");
  const rest = names.length === 0 ? " Nothing is saved yet: mcp-bridge save <file>." : ` There are: ${known}.`;
  return new OrchestratorError(
    "tool_unknown",
    `There is no saved program "${named(name)}".${closestHint(closestTo(name, names))}${rest}`,
  );
}

const namesShownMax = 30;

/** A program is read and checked for a change, and servers are listed for that. */
const changeMs = 120_000;

/**
 * The whole result of a run: a large one is read in pieces.
 * @throws OrchestratorError when it failed
 */
export async function wholeResult(client: Client, outcome: Outcome, world: World): Promise<unknown> {
  if (!outcome.ok) throw failureOf(outcome);
  if (outcome.handle === undefined) return outcome.result;
  const code = `import { results } from "runtime";
const text = JSON.stringify(await results.get(args.handle));
return { text: text.slice(args.from, args.from + ${pieceChars}), isLast: text.length <= args.from + ${pieceChars} };`;
  let text = "";
  for (let isLast = false; !isLast; ) {
    const piece = await runProgram(
      client,
      { code, args: { handle: outcome.handle, from: text.length }, allowedMcpIds: [] },
      world,
    );
    if (!piece.ok) throw failureOf(piece);
    const read = z.object({ text: z.string(), isLast: z.boolean() }).parse(piece.result);
    text += read.text;
    isLast = read.isLast;
  }
  return JSON.parse(text);
}

/** As JSON, every character may take two, and in an answer three tokens. */
const pieceChars = 10_000;

function failureOf({ errors }: Outcome): OrchestratorError {
  const [error] = errors;
  if (error?.code === "server_unknown" && error.phase === "input") {
    return new OrchestratorError("server_unknown", "Saved programs are off there: the operator has set SAVED_TOOLS=off.");
  }
  const code = error?.code ?? "internal";
  return new OrchestratorError(
    code,
    withoutControls(error === undefined ? "The run failed without a reason." : `${code}: ${error.message}`),
  );
}

/** For the failures of `Saved`, whose shape another release may have changed. */
export function printJson(world: World, value: unknown): void {
  world.print(JSON.stringify(value ?? null, undefined, 2));
}
