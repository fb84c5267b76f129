import { serve, text, tool } from "./minimal-mcp.mjs";

// Refuses every other call until the user has opened an address (2025-11-25, error -32042). The next call succeeds.
const elicitation = { mode: "url", message: "Sign in first.", url: "https://bank.example/login", elicitationId: "1" };
let refusals = 0;

serve({
  tools: [tool("balance")],
  call() {
    refusals += 1;
    if (refusals % 2 === 0) return text("42");
    return { rpcError: { code: -32042, message: "URL elicitation required", data: { elicitations: [elicitation] } } };
  },
});
