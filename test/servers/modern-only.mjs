import { createInterface } from "node:readline";

// Supports only protocol 2026-07-28: no initialize, and resultType in every result.
const version = "2026-07-28";
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const body = respond(method, params);
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...body })}\n`);
});

function respond(method, params) {
  const complete = (fields) => ({ result: { resultType: "complete", ttlMs: 0, cacheScope: "private", ...fields } });
  switch (method) {
    case "server/discover":
      return complete({
        supportedVersions: [version],
        capabilities: { tools: {} },
        serverInfo: { name: "modern", version: "1" },
      });
    case "tools/list":
      return complete({ tools: [{ name: "greet", inputSchema: { type: "object" } }] });
    case "tools/call":
      return complete({ content: [{ type: "text", text: `hello ${params.arguments.name}` }] });
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}
