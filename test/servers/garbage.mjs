import { serve, text, tool } from "./minimal-mcp.mjs";

const deep = "[".repeat(100_000) + "]".repeat(100_000);
// Answers each call with the kind of garbage that the tool is named after. "echo" answers correctly.
const garbage = {
  words: () => process.stdout.write("Traceback (most recent call last):\n  KeyError: 'id'\n"),
  half: ({ id }) => process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[\n`),
  bytes: () => process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a])),
  another_id: ({ id }) => process.stdout.write(`{"jsonrpc":"2.0","id":${id + 1_000},"result":{"content":[]}}\n`),
  deep_of_another_id: ({ id }) => {
    for (const answer of [`"result":{"content":${deep}}`, `"error":{"code":1,"message":"no","data":${deep}}`])
      process.stdout.write(`{"jsonrpc":"2.0","id":${id + 1_000},${answer}}\n`);
  },
  no_result: ({ id }) => process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":7}\n`),
  refused_answer: ({ id }) =>
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${id},"error":{"code":-32602,"message":"Invalid tools/call result: structuredContent: expected record"}}\n`,
    ),
  odd_content: ({ id }) => process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":"text"}}\n`),
};
serve({
  tools: ["echo", ...Object.keys(garbage)].map(tool),
  call(name, args, { id }) {
    if (name === "echo") return text(JSON.stringify(args));
    garbage[name]({ id });
    return undefined;
  },
});
