import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// "work" sends a log message and a progress notification, and is answered only when "release" is called.
let release = () => {};

serve({
  tools: [tool("work"), tool("release")],
  capabilities: { logging: {} },
  call(name, _args, { progressToken }) {
    if (name === "release") {
      release();
      return text("done");
    }
    notify("notifications/message", { level: "notice", logger: "db", data: { rows: 2 } });
    notify("notifications/progress", { progressToken, progress: 3, total: 10, message: "copying" });
    return new Promise((resolve) => {
      release = () => resolve(text("worked"));
    });
  },
});
