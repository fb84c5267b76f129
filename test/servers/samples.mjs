import { createInterface } from "node:readline";
import { serve, text, tool } from "./minimal-mcp.mjs";

/*
 * Requests sampling and roots, although the client announced neither: in 2025-11-25 by its own requests, as `modern` by an
 * `input_required` result. A tool's result is the client's response.
 */

const wanted = {
  sample: { method: "sampling/createMessage", params: { messages: [], maxTokens: 1 } },
  look: { method: "roots/list", params: {} },
};
const tools = Object.keys(wanted).map(tool);

if (process.argv[2] === "modern") {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined) write({ id, ...respond(method, params) });
  });
} else {
  const waiting = new Map();
  serve({
    tools,
    call: (name) =>
      new Promise((resolve) => {
        const id = `wants-${name}`;
        waiting.set(id, ({ error, result }) => resolve(text(error?.message ?? JSON.stringify(result))));
        write({ id, ...wanted[name] });
      }),
    onResponse: (response) => waiting.get(response.id)?.(response),
  });
}

function respond(method, params) {
  const result = (fields) => ({ result: { resultType: "complete", ttlMs: 0, cacheScope: "private", ...fields } });
  const serverInfo = { name: "samples", version: "1" };
  switch (method) {
    case "server/discover":
      return result({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, serverInfo });
    case "tools/list":
      return result({ tools });
    case "tools/call":
      return { result: { resultType: "input_required", inputRequests: { first: wanted[params.name] } } };
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}

function write(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}
