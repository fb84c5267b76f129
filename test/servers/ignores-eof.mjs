import { serve, text, tool } from "./minimal-mcp.mjs";

// Runs on when its input has ended.
setInterval(() => {}, 1000);
serve({ tools: [tool("pid")], call: () => text(String(process.pid)) });
