import { once } from "node:events";
import { createServer } from "node:http";
import { z } from "zod";

const Message = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.looseObject({ protocolVersion: z.string().optional() }).optional(),
});

/** A remote MCP server with one tool that answers at once. Sessions without a bridge reach it too. */
export async function startClock(): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    if (request.method !== "POST") return void response.writeHead(405).end();
    const { id, method, params } = Message.parse(JSON.parse(text));
    if (id === undefined) return void response.writeHead(202).end();
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answerTo(method, params?.protocolVersion) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { url: `http://127.0.0.1:${address.port}/mcp`, close: () => void server.close() };
}

function answerTo(method: string, protocolVersion: string | undefined): object {
  switch (method) {
    case "initialize":
      return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "clock", version: "1" } } };
    case "tools/list":
      return { result: { tools: [{ name: "now", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } }] } };
    case "tools/call":
      return { result: { content: [{ type: "text", text: "12:00" }] } };
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}
