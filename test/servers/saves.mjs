import { writeFileSync } from "node:fs";
import { serve, tool } from "./minimal-mcp.mjs";

// Saves what it holds when its input ends, and leaves by itself. TERM ends it at once, with nothing saved.
serve({ tools: [tool("hold")], call: () => undefined });
process.stdin.on("end", () => {
  setTimeout(() => {
    writeFileSync(process.argv[2], "all of it");
    process.exit(0);
  }, 50);
});
