import { serve, text, tool } from "./minimal-mcp.mjs";

// Reads no input until as many milliseconds have passed as its argument says, like a server that first waits for a database.
await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2])));
serve({ tools: [tool("pid")], call: () => text(String(process.pid)) });
