import { Agent } from "agents";

/* The example's Worker, and an agent beside it that reaches the orchestrator by its own MCP client. */

export { Assistant, default } from "../../../examples/cloudflare-agent/worker.ts";

interface Wish {
  url: string;
  token: string;
  tool: string;
  input: Record<string, unknown>;
}

export class OverMcp extends Agent {
  override async onRequest(request: Request): Promise<Response> {
    const { url, token, tool, input } = await request.json<Wish>();
    const { state } = await this.addMcpServer("orchestrator", url, {
      transport: { type: "streamable-http", headers: { Authorization: `Bearer ${token}` } },
    });
    const { tools } = this.mcp
      .listTools()
      .reduce((found, listed) => ({ tools: [...found.tools, listed.name] }), { tools: [] as string[] });
    const [serverId = ""] = Object.keys(this.getMcpServers().servers);
    const answer = await this.mcp.callTool({ serverId, name: tool, arguments: input });
    return Response.json({ state, tools, answer: answer.structuredContent });
  }
}
