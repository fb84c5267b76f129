/** A raw JSON-RPC request, for what the client libraries hide. */
export function rawRequest(
  protocol: string,
  { method, params = {}, capabilities = {} }: { method: string; params?: object; capabilities?: object },
): RequestInit {
  const isModern = protocol === "2026-07-28";
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": protocol,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    "io.modelcontextprotocol/clientInfo": { name: "end-to-end-test", version: "1" },
  };
  return {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": protocol,
      ...(isModern ? { "Mcp-Method": method } : {}),
      ...(isModern && "name" in params ? { "Mcp-Name": String(params.name) } : {}),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: isModern ? { ...params, _meta } : params }),
  };
}
