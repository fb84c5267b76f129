import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { errorTextOf, toValue } from "../../core/mcp/tool-result.ts";
import { UsageError } from "../usage-error.ts";
import type { Command } from "./command.ts";
import { openRegistry, RegistryOptions, registryOption } from "./open-registry.ts";
import { type OneServer, openOneServer } from "./server-connection.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });
const ToolArguments = z.record(z.string(), z.json());

export const call: Command = {
  name: "call <id> <tool> [json]",
  summary: "call one tool and print its value",
  options: [registryOption, { flags: "--json", description: "print the whole MCP result" }],
  notes: [
    "Starts or connects to the server for this one call and stops it afterwards, so a stateful server keeps nothing between calls.",
    "Remote servers are called from this machine, with the variables of .env and .dev.vars. Exits with 1 when the tool returns an error.",
  ],
  examples: [`mcp-bridge call time current_time '{"timezone":"Asia/Tokyo"}'`],
  async run({ args: [id = "", tool = "", text = "{}"], options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const args = parseArguments(text);
    const { registry } = await openRegistry(world, registryOptions);
    await using server = await openOneServer(world, registry, id);
    await requireTool(server, { id, tool });
    const result = await server.callTool({ tool, args });
    if (json) {
      world.print(JSON.stringify(result, undefined, 2));
      return result.isError ? 1 : 0;
    }
    if (result.isError) throw new OrchestratorError("tool_error", `${id}.${tool} failed: ${errorTextOf(result)}`);
    const value = toValue(result);
    world.print(typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
    return 0;
  },
};

function parseArguments(json: string): Record<string, JsonValue> {
  const example = `Give one JSON object in single quotes, such as '{"timezone":"Asia/Tokyo"}'.`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`The arguments are not JSON: ${error instanceof Error ? error.message : String(error)}. ${example}`);
  }
  const args = ToolArguments.safeParse(parsed);
  if (!args.success) throw new UsageError(`The arguments are JSON, but not an object. ${example}`);
  return args.data;
}

/** Checked before the call, because each server words this error differently and none lists the tools that exist. */
async function requireTool(server: OneServer, { id, tool }: { id: string; tool: string }): Promise<void> {
  const tools = await server.listTools();
  if (tools.some((listed) => listed.name === tool)) return;
  const names = tools.map((listed) => listed.name).join(", ");
  throw new OrchestratorError("tool_unknown", `No tool "${tool}" on ${id}. It has: ${names}.`, { server: id, tool });
}
