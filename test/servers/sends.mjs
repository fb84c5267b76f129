import { serve, text, tool } from "./minimal-mcp.mjs";

// Returns as many one-byte characters as the call asks for.
serve({
  tools: [tool("send")],
  call: (_name, { chars }) => text("x".repeat(chars)),
});
