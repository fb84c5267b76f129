import { serve, text, tool } from "./minimal-mcp.mjs";

// Keeps running when its stdin is closed.
setInterval(() => {}, 1000);
serve({ tools: [tool("pid")], call: () => text(String(process.pid)) });
