import { writeFileSync } from "node:fs";
import { serve, tool } from "./minimal-mcp.mjs";

// When its stdin is closed, it saves its state and exits. SIGTERM ends it at once, without saving.
serve({ tools: [tool("hold")], call: () => undefined });
process.stdin.on("end", () => {
  setTimeout(() => {
    writeFileSync(process.argv[2], "all of it");
    process.exit(0);
  }, 50);
});
