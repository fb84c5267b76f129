import { z } from "zod";
import { signatureOf } from "../../core/codegen/signature.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { nameTools } from "../../core/registry/identifiers.ts";
import type { RegistryFile } from "../registry/registry-file.ts";
import type { Command, World } from "./command.ts";
import { openRegistry, RegistryOptions, registryOption } from "./open-registry.ts";
import { openOneServer } from "./server-connection.ts";
import { formatTable } from "./table.ts";

const Options = RegistryOptions.extend({ json: z.boolean().default(false) });

export const list: Command = {
  name: "list [id]",
  summary: "list the registry's servers, or the tools of one",
  options: [registryOption, { flags: "--json", description: "print JSON, schemas included" }],
  notes: ["Servers are listed from the registry alone. To list its tools, a server is started or connected to."],
  examples: ["mcp-bridge list", "mcp-bridge list time", "mcp-bridge list time --json"],
  async run({ args: [id], options, world }) {
    const { json, ...registryOptions } = Options.parse(options);
    const { registry } = await openRegistry(world, registryOptions);
    if (id === undefined) {
      world.print(json ? JSON.stringify(registry.servers.map(summaryOf), undefined, 2) : serverTable(registry));
      return 0;
    }
    const tools = await fetchTools(world, registry, id);
    world.print(json ? JSON.stringify(tools, undefined, 2) : toolLines(tools));
    return 0;
  },
};

async function fetchTools(world: World, registry: RegistryFile, id: string): Promise<Tool[]> {
  await using server = await openOneServer(world, registry, id);
  return await server.listTools();
}

/** Without `mcp`, whose env and headers may hold secrets. */
function summaryOf({ id, title, summary, visibility, sensitivity, mcp }: RegistryFile["servers"][number]) {
  return { id, title, summary, transport: mcp.transport, visibility, sensitivity };
}

function serverTable(registry: RegistryFile): string {
  const rows = registry.servers.map(summaryOf).map((row) => ({ ...row, summary: firstLine(row.summary) }));
  return formatTable(rows, ["id", "transport", "visibility", "sensitivity", "summary"]);
}

/** As describe_mcp shows them, by the names that programs and `call` use. */
function toolLines(tools: readonly Tool[]): string {
  const names = nameTools(tools);
  const lines = tools.flatMap((tool) => {
    const description = firstLine(tool.description ?? tool.title ?? "");
    return [signatureOf(names.get(tool.name) ?? tool.name, tool), ...(description === "" ? [] : [`    ${description}`])];
  });
  return lines.join("\n");
}

/** Enough to recognise a server or a tool in a terminal. */
const cellCharsMax = 90;

function firstLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length <= cellCharsMax ? line : `${line.slice(0, cellCharsMax - 1)}…`;
}
