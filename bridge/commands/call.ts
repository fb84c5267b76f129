import { z } from "zod";
import { closestTo } from "../../core/closest.ts";
import { OrchestratorError } from "../../core/errors.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { errorTextOf, toValue } from "../../core/mcp/tool-result.ts";
import { readWords, toArguments } from "./call-arguments.ts";
import type { Command } from "./command.ts";
import { openRegistry, RegistryOptions, registryOption } from "./open-registry.ts";
import { type OneServer, openOneServer } from "./server-connection.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });

export const call: Command = {
  name: "call <id> <tool> [arguments...]",
  summary: "call one tool and print its value",
  options: [registryOption, { flags: "--json", description: "print the whole MCP result" }],
  notes: [
    "Arguments are key=text, key:=json (a number, a list, …), or one JSON object; text becomes a number where the tool wants one.",
    "Starts or connects to the server for this one call and stops it afterwards, so a stateful server keeps nothing between calls.",
    "Remote servers are called from this machine, with the variables of .env and .dev.vars. Exits with 1 when the tool returns an error.",
  ],
  examples: [
    "mcp-bridge call time current_time timezone=Asia/Tokyo",
    `mcp-bridge call time current_time '{"timezone":"Asia/Tokyo"}'`,
  ],
  async run({ args: [id = "", wanted = "", ...words], options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const read = readWords(words.filter((word) => word !== undefined));
    const { registry } = await openRegistry(world, registryOptions);
    await using server = await openOneServer(world, registry, id);
    const found = await findTool(server, { id, tool: wanted });
    const tool = found.name;
    if (tool !== wanted) world.writeStderr(`calling ${tool}\n`);
    const result = await server.callTool({ tool, args: toArguments(read, found) });
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

/**
 * The tool that is meant: its name, or one that differs in capitals and separators alone. Checked before the call, because each server
 * words this error differently and none lists the tools that exist.
 */
async function findTool(server: OneServer, { id, tool }: { id: string; tool: string }): Promise<Tool> {
  const tools = await server.listTools();
  const bare = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const alike = tools.filter(({ name }) => bare(name) === bare(tool));
  const found = tools.find(({ name }) => name === tool) ?? (alike.length === 1 ? alike[0] : undefined);
  if (found !== undefined) return found;
  const names = tools.map(({ name }) => name);
  const [closest] = closestTo(tool, names, 1);
  const hint = closest === undefined ? "" : ` Did you mean ${closest}?`;
  throw new OrchestratorError("tool_unknown", `No tool "${tool}" on ${id}.${hint} It has: ${names.join(", ")}.`, {
    server: id,
    tool,
  });
}
