import { spawn } from "node:child_process";
import { serve, text, tool } from "./minimal-mcp.mjs";

// Does not end: ignores the end of stdin and SIGTERM, and has a child process that does the same. "leave" ends the server
// and leaves the child running.
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('ready')";
const child = spawn(process.execPath, ["-e", stubborn], { stdio: ["ignore", "pipe", "inherit"] });
const isReady = new Promise((resolve) => child.stdout.once("data", resolve));
process.on("SIGTERM", () => {});
setInterval(() => {}, 1000);
serve({
  tools: [tool("pids"), tool("leave")],
  async call(name) {
    if (name === "leave") process.exit(4);
    await isReady;
    return text(JSON.stringify({ leader: process.pid, child: child.pid }));
  },
});
