import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Reports progress of "deafen" and "wait" once and never answers them. After the first it reads nothing more, although its process goes on.
serve({
  tools: [tool("pid"), tool("deafen"), tool("wait")],
  call(name, _args, { progressToken }) {
    if (name === "pid") return text(String(process.pid));
    if (name === "deafen") process.stdin.pause();
    if (progressToken !== undefined) notify("notifications/progress", { progressToken, progress: 1 });
    return undefined;
  },
});
setInterval(() => {}, 60_000);
