import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Never answers "hang", but reports progress once if the call asks for it. Counts the cancellations that it receives.
let cancellations = 0;
serve({
  tools: [tool("hang"), tool("cancellations")],
  onNotification(method) {
    if (method === "notifications/cancelled") cancellations++;
  },
  call(name, _args, { progressToken }) {
    if (name === "cancellations") return text(String(cancellations));
    if (progressToken !== undefined)
      notify("notifications/progress", { progressToken, progress: 1, total: 2, message: "half way" });
    return undefined;
  },
});
