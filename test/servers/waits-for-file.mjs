import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { serve, text, tool } from "./minimal-mcp.mjs";

// Answers "wait" when the file named by its argument exists.
serve({
  tools: [tool("wait")],
  async call() {
    while (!existsSync(process.argv[2])) await delay(20);
    return text("waited");
  },
});
