import { notify, serve, text, tool } from "./minimal-mcp.mjs";

// Answers every call two times, the second time with other words; "late" answers the call before it once more.
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
