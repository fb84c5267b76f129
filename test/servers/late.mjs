import { serve, text, tool } from "./minimal-mcp.mjs";

// Reads nothing for the milliseconds of its first argument: a server that waits for a database or a login before it answers.
await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2])));
serve({ tools: [tool("pid")], call: () => text(String(process.pid)) });
