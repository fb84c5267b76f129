import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Lists one tool per page. Each call of "grow" adds a tool, announces the change, and returns the name of the new tool.
const tools = [tool("grow"), tool("second")];
serve({
  toolsCapability: { listChanged: true },
  pageOf(cursor = "0") {
    const page = Number(cursor);
    return { tools: tools.slice(page, page + 1), ...(page + 1 < tools.length ? { nextCursor: String(page + 1) } : {}) };
  },
  call() {
    const added = tool(`grown_${tools.length}`);
    tools.push(added);
    notify("notifications/tools/list_changed");
    return text(added.name);
  },
});
