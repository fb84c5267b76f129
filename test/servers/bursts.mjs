import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Sends its last progress notification and its answer in one chunk.
serve({
  tools: [tool("burst")],
  call(_name, _args, { progressToken }) {
    process.stdout.cork();
    setImmediate(() => process.stdout.uncork());
    notify("notifications/progress", { progressToken, progress: 1, total: 1 });
    return text("done");
  },
});
