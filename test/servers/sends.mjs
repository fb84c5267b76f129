import { serve, text, tool } from "./minimal-mcp.mjs";

// Answers as many characters as it is asked for, each of them one byte.
serve({
  tools: [tool("send")],
  call: (_name, { chars }) => text("x".repeat(chars)),
});
