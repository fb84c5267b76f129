import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Answers every call twice, the second time with another text. "late" also answers the previous call again.
let calls = 0;
let before;
serve({
  tools: [tool("count"), tool("late")],
  call(name, _args, { answerAgain }) {
    calls++;
    const number = calls;
    if (name === "late") before?.(text("an answer of long ago"));
    before = answerAgain;
    setImmediate(() => {
      answerAgain(text(`${number} again`));
      notify("notifications/message", { level: "info", data: "said twice" });
    });
    return text(String(number));
  },
});
