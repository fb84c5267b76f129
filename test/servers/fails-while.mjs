import { appendFileSync, existsSync } from "node:fs";
import { serve, text, tool } from "./minimal-mcp.mjs";

// Fails to start while the file named by its argument exists, and counts the attempts in that file. Once started, "crash" ends it.
const flag = process.argv[2];
if (existsSync(flag)) {
  appendFileSync(flag, ".");
  process.exit(1);
}
serve({
  tools: [tool("pid"), tool("crash")],
  call: (name) => (name === "pid" ? text(String(process.pid)) : process.exit(3)),
});
