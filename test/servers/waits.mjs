import { serve, text, tool } from "./minimal-mcp.mjs";

// A call of "wait" is answered when "release" is called. "seen" returns how many calls there were and how many were cancelled.
let waits = 0;
let cancelled = 0;
let answers = [];
serve({
  tools: [tool("wait"), tool("release"), tool("seen")],
  onNotification(method) {
    if (method === "notifications/cancelled") cancelled++;
  },
  call(name) {
    switch (name) {
      case "wait":
        waits++;
        return new Promise((resolve) => answers.push(resolve));
      case "release":
        for (const answer of answers) answer(text("released"));
        answers = [];
        return text("done");
      default:
        return text(JSON.stringify({ waits, cancelled }));
    }
  },
});
