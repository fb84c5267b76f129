import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Sends log messages of every shape while it works, whatever log level the client has set. Has prompts, and resources on two pages.
let level;
let release = () => {};

const pages = {
  "resources/list": {
    resources: [{ uri: "note://1", name: "one", mimeType: "text/plain", odd: [1] }, { name: "nowhere" }],
    nextCursor: "2",
  },
  "prompts/list": { prompts: [{ name: "greet", arguments: [{ name: "whom", required: true }] }, { title: "nameless" }] },
};

serve({
  tools: [tool("work"), tool("flood"), tool("hold"), tool("release")],
  capabilities: { logging: {}, resources: {}, prompts: {} },
  async call(name, args, { progressToken }) {
    const log = (severity, data) => notify("notifications/message", { level: severity, logger: "db", data });
    switch (name) {
      case "work":
        log("debug", "too detailed");
        log("info", "one");
        log("warning", { two: 2 });
        log("emergency", "three\nlines \u001b[2J");
        log("made-up", "four");
        notify("notifications/message", "no params at all");
        notify("notifications/progress", { progressToken, progress: 1, total: 4, message: "one of four" });
        return text(JSON.stringify({ level }));
      case "flood":
        for (let line = 0; line < args.lines; line++) log("info", `line ${line}`);
        for (let step = 0; step < args.steps; step++) notify("notifications/progress", { progressToken, progress: step });
        return text("done");
      case "hold":
        return new Promise((resolve) => {
          release = () => resolve(text("held"));
        });
      default:
        log("info", "heard by all");
        release();
        return text("released");
    }
  },
  other(method, params) {
    if (method === "logging/setLevel") {
      level = params.level;
      return {};
    }
    if (method === "resources/read") {
      if (params.uri === "note://odd") return { contents: "none" };
      if (params.uri !== "note://1") return { rpcError: { code: -32002, message: `no resource ${params.uri}` } };
      return {
        contents: [
          { uri: params.uri, text: "first" },
          { uri: "note://1/scan", mimeType: "image/png", blob: "aGk=" },
        ],
      };
    }
    if (method === "prompts/get") {
      if (params.arguments?.whom === undefined) return { rpcError: { code: -32602, message: "whom is required" } };
      return {
        description: "A greeting.",
        messages: [{ role: "user", content: { type: "text", text: `Greet ${params.arguments.whom}.` } }],
      };
    }
    if (method === "resources/list" && params?.cursor === "2") return { resources: [{ uri: "note://2" }] };
    return pages[method];
  },
});
