import { createServer } from "node:http";

// An MCP server over Streamable HTTP that repeats the request's secret header in every kind of text that a server can send.
const [port] = process.argv.slice(2);

createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  if (request.method !== "POST") return response.writeHead(405).end();
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) return response.writeHead(202).end();
  const answer = answerTo(method, params, request.headers.authorization);
  if (answer === undefined) return request.socket.destroy();
  response.writeHead(200, { "content-type": "application/json" });
  return response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));

function answerTo(method, params, secret) {
  switch (method) {
    case "initialize":
      return {
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "reveals", version: secret },
          instructions: `Use ${secret}.`,
        },
      };
    case "tools/list":
      return {
        result: {
          tools: ["answer", "refuse", "crash"].map((name) => ({
            name,
            description: `Uses ${secret}.`,
            inputSchema: { type: "object" },
          })),
        },
      };
    case "tools/call":
      if (params.name === "refuse") return { error: { code: -32000, message: `${secret} is not valid` } };
      if (params.name === "crash") return undefined;
      return { result: { content: [{ type: "text", text: secret }], structuredContent: { header: secret } } };
    default:
      return { error: { code: -32601, message: `no ${method} for ${secret}` } };
  }
}
