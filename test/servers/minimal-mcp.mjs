import { createInterface } from "node:readline";

/**
 * An MCP server over stdio without any library, so that servers built on it can violate the protocol.
 * `call(name, args, context)` returns the result of tools/call, `{ rpcError }` to refuse, or undefined to never answer.
 * `other(method, params)` answers any other method; undefined means "Method not found".
 */
export function serve({
  tools,
  call,
  toolsCapability = {},
  capabilities = {},
  pageOf = () => ({ tools }),
  onNotification = () => {},
  onResponse = () => {},
  beforeEach = () => {},
  other = () => undefined,
}) {
  createInterface({ input: process.stdin }).on("line", async (line) => {
    const message = JSON.parse(line);
    const { id, method, params } = message;
    if (method === undefined) return onResponse(message);
    beforeEach(method);
    if (id === undefined) return onNotification(method, params);
    const context = { id, progressToken: params?._meta?.progressToken, answerAgain: (result) => answer(id, result) };
    switch (method) {
      case "initialize":
        return answer(id, {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: toolsCapability, ...capabilities },
          serverInfo: { name: "misbehaving", version: "1" },
        });
      case "ping":
        return answer(id, {});
      case "tools/list":
        return answer(id, pageOf(params?.cursor));
      case "tools/call": {
        const result = await call(params.name, params.arguments, context);
        return result === undefined ? undefined : answer(id, result);
      }
      default:
        return answer(id, (await other(method, params)) ?? { rpcError: { code: -32601, message: "Method not found" } });
    }
  });
}

function answer(id, result) {
  if (result.rpcError) write({ jsonrpc: "2.0", id, error: result.rpcError });
  else write({ jsonrpc: "2.0", id, result });
}

export function notify(method, params) {
  write({ jsonrpc: "2.0", method, params });
}

export function text(value) {
  return { content: [{ type: "text", text: value }] };
}

export function tool(name) {
  return { name, inputSchema: { type: "object" } };
}

function write(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
