import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { JsonValue } from "../../core/ports.ts";
import { errorTextOf, toValue } from "../../core/result.ts";
import type { Command, World } from "../command.ts";
import { openRegistry, openServers, RegistryOptions, registryOption } from "../command-registry.ts";
import { requireStdioEntry } from "../stdio-entry.ts";
import type { StdioServers } from "../stdio-servers.ts";
import { UsageError } from "../usage-error.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });
const ToolArguments = z.record(z.string(), z.json());

export const call: Command = {
  name: "call <id> <tool> [json]",
  summary: "call one tool and print its value",
  options: [registryOption, { flags: "--json", description: "print the whole MCP result" }],
  notes: [
    "Starts the server, calls, and ends it: what it holds between calls is not there. Ends with 1 when the tool answers an error.",
  ],
  examples: [`mcp-bridge call time current_time '{"timezone":"Asia/Tokyo"}'`],
  async run({ args: [id = "", tool = "", text = "{}"], options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const args = parseArguments(text);
    const { registry } = await openRegistry(world, registryOptions);
    const entry = requireStdioEntry(registry, id);
    const servers = openServers(world, registry, () => {});
    try {
      await requireTool(servers, { id, tool, world });
      const wait = { signal: world.signal, timeoutMs: entry.limits.timeoutMs ?? limits.runMsMax };
      const result = await servers.callTool(id, { tool, args }, wait);
      if (json) {
        world.print(JSON.stringify(result, undefined, 2));
        return result.isError ? 1 : 0;
      }
      if (result.isError) throw new OrchestratorError("tool_error", `${id}.${tool} failed: ${errorTextOf(result)}`);
      const value = toValue(result);
      world.print(typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
      return 0;
    } finally {
      await servers.close();
    }
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
  if (!args.success) throw new UsageError(`The arguments are JSON but no object. ${example}`);
  return args.data;
}

/** Asked for first, because servers answer a wrong name each in their own words, and none says which names there are. */
async function requireTool(servers: StdioServers, wanted: { id: string; tool: string; world: World }): Promise<void> {
  const { id, tool, world } = wanted;
  const tools = await servers.listTools(id, { signal: world.signal, timeoutMs: limits.catalogueFetchMs });
  if (tools.some((listed) => listed.name === tool)) return;
  const names = tools.map((listed) => listed.name).join(", ");
  throw new OrchestratorError("tool_unknown", `No tool "${tool}" on ${id}. It has: ${names}.`, { server: id, tool });
}
