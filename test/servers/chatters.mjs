import { serve, text, tool } from "./minimal-mcp.mjs";

// Prints lines that are not MCP on stdout, lists one malformed tool, and refuses calls with JSON-RPC errors.
serve({
  tools: [],
  beforeEach(method) {
    console.log(`DEBUG handling ${method}`);
    console.log('{"level":"info","message":"JSON, but no JSON-RPC"}');
  },
  pageOf(cursor) {
    return cursor === undefined
      ? { tools: [tool("echo"), { title: "a tool without a name" }], nextCursor: "2" }
      : { tools: [tool("refuse_arguments"), tool("fail"), tool("large")] };
  },
  call(name, args) {
    switch (name) {
      case "echo":
        return text(JSON.stringify(args));
      case "large":
        return text("x".repeat(args.chars));
      case "fail":
        return { rpcError: { code: -32603, message: "the disk is full" } };
      default:
        return { rpcError: { code: -32602, message: `no good: ${name}` } };
    }
  },
});
