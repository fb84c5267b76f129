import { createServer } from "node:http";
import { createInterface } from "node:readline";

/*
 * Sends all the deviations from the schema that real servers send and a strict client refuses. `odd.mjs <generation> [port]`:
 * generation "legacy" (2025-11-25) or "modern" (2026-07-28); over Streamable HTTP if a port is given, otherwise over stdio.
 */

const [generation, port] = process.argv.slice(2);
const object = { type: "object" };
const tools = [
  { name: "good", inputSchema: object },
  { name: "no_input_schema" },
  { name: "null_input_schema", inputSchema: null },
  { name: "string_input_schema", inputSchema: { type: "string" } },
  { name: "list_input_schema", inputSchema: [] },
  { name: "list_output_schema", inputSchema: object, outputSchema: { type: "array", items: { type: "number" } } },
  {
    name: "odd_words",
    title: 3,
    description: null,
    annotations: "none",
    icons: "none",
    execution: 1,
    _meta: 4,
    inputSchema: object,
  },
  { name: "odd_hints", annotations: { readOnlyHint: "yes" }, inputSchema: object },
  { name: "good", description: "the second of that name", inputSchema: object },
  { title: "without a name", inputSchema: object },
  { name: "", inputSchema: object },
  "no tool at all",
  null,
];

const results = {
  good: { content: [{ type: "text", text: "fine" }] },
  structured: { structuredContent: { a: 1 } },
  structured_list: { content: [], structuredContent: [1, 2] },
  hologram: { content: [{ type: "hologram", depth: 3 }] },
  digits: { content: [{ type: "text", text: "12345678901234567890" }] },
  json_error: { content: [{ type: "text", text: '{"error":"the disk is full"}' }] },
  is_error: { isError: true, content: [{ type: "text", text: "the disk is full" }] },
  is_error_structured: {
    isError: true,
    structuredContent: { reason: "the disk is full" },
    content: [{ type: "text", text: "see reason" }],
  },
  is_error_empty: { isError: true, content: [] },
};

const errors = {
  rpc_error: { code: -32603, message: "the disk is full" },
  rpc_error_named: { code: "ENOSPC", message: "the disk is full" },
  rpc_error_silent: { code: -32000 },
};

/** Whether the client announced a capability that lets the server send it requests. */
let isInteractive = false;

function answer({ method, params }) {
  const announced = params?.capabilities ?? params?._meta?.["io.modelcontextprotocol/clientCapabilities"] ?? {};
  isInteractive ||= "sampling" in announced || "elicitation" in announced || "roots" in announced;
  switch (method) {
    case "initialize":
      return generation === "modern"
        ? notFound
        : { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo } };
    case "server/discover":
      return generation === "modern"
        ? complete({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, serverInfo })
        : notFound;
    case "tools/list":
      return complete({
        tools: isInteractive ? [...tools, { name: "asks_back", inputSchema: object }] : tools,
        nextCursor: null,
      });
    case "tools/call":
      return params.name in errors ? { error: errors[params.name] } : complete(results[params.name] ?? { content: [] });
    default:
      return method === "ping" ? { result: {} } : notFound;
  }
}

const serverInfo = { name: "odd", version: "1" };
const notFound = { error: { code: -32601, message: "Method not found" } };

/** Has both `result` and `error`, as from libraries with a single type for all responses. */
function envelope(message) {
  return { jsonrpc: "2.0", id: message.id, result: null, error: null, ...answer(message) };
}

function complete(result) {
  return { result: generation === "modern" ? { resultType: "complete", ttlMs: 0, cacheScope: "private", ...result } : result };
}

if (port === undefined) {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const message = JSON.parse(line);
    if (message.id === undefined) return;
    process.stdout.write(`${JSON.stringify(envelope(message))}\n`);
  });
} else {
  const server = createServer(async (request, response) => {
    if (request.method !== "POST") return response.writeHead(405).end();
    const message = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
    if (message.id === undefined) return response.writeHead(202).end();
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(envelope(message)));
  });
  server.listen(Number(port), "127.0.0.1", () => console.log(`on port ${server.address().port}`));
}
