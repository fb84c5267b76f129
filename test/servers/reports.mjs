import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Tells how far it is and what it does, and answers only when another tool says so.
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
