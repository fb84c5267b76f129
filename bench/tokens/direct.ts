import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { StdioServer } from "./servers.ts";
import { definitionTokens } from "./tokens.ts";

export interface Direct {
  id: string;
  tools: number;
  tokens: number;
}

/** Starts a server as a client would, and counts the tokens of its tool definitions, which the model reads on every turn. */
export async function measureDirect({ id, mcp }: StdioServer): Promise<Direct> {
  const client = new Client({ name: "bench", version: "1" });
  const transport = new StdioClientTransport({
    command: mcp.command,
    args: mcp.args,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...mcp.env },
    stderr: "ignore",
  });
  try {
    await client.connect(transport);
    const { tools } = await client.listTools();
    return { id, tools: tools.length, tokens: definitionTokens(tools) };
  } finally {
    await client.close();
  }
}
