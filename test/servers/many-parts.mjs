import { serve, text, tool } from "./minimal-mcp.mjs";

// Writes messages of a million fields or lists, in the way that the tool is named after. `many-parts.mjs list` lists as many tools.
const isList = process.argv[2] === "list";
const many = (part) => Array.from({ length: 1_000_001 }, part).join(",");
const fields = `{${many((_, index) => `"f${index}":0`)}}`;
const result = `{"content":[],"structuredContent":${fields}}`;
/** Far fewer than an answer may have, and far more than a question. */
const questions = `{${Array.from({ length: 10_000 }, (_, index) => `"f${index}":{"type":"string"}`).join(",")}}`;

const answers = {
  fields: (id) => `{"jsonrpc":"2.0","id":${id},"result":${result}}\n`,
  lists: (id) => `{"jsonrpc":"2.0","id":${id},"result":{"content":[${many(() => "[]")}]}}\n`,
  error: (id) => `{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"no","data":${fields}}}\n`,
  id_last: (id) => `{"result":${result},"jsonrpc":"2.0","id":${id}}\n`,
  sorted: (id) => `{"id":${id},"jsonrpc":"2.0","result":${result}}\n`,
  indented: (id) => `{\n"id":${id},\n"result":{"content":[${many(() => "[]")}]}\n}\n`,
  without_end: (id) => `{"jsonrpc":"2.0","id":${id},"result":${result}}`,
};

/** What comes before an answer of few parts. A request has the id of the call, which it must not answer. */
const others = {
  question: (id) =>
    `{"params":{"message":"x","requestedSchema":{"type":"object","properties":${questions}}},"id":${id},"method":"elicitation/create"}\n`,
  notification: () => `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":${fields}}}\n`,
  request: (id) => `{"method":"elicitation/create","params":${fields},"jsonrpc":"2.0","id":${id}}\n`,
  words: () => `{"id": ${many((_, index) => `"f${index}":0`)}\n`,
};

serve({
  tools: ["echo", ...Object.keys(answers), ...Object.keys(others)].map(tool),
  ...(isList && { pageOf: () => ({ tools: Array.from({ length: 200_000 }, () => tool("echo")) }) }),
  call(name, args, { id }) {
    if (name in answers) {
      process.stdout.write(answers[name](id));
      return undefined;
    }
    if (name in others) process.stdout.write(others[name](id));
    return text(JSON.stringify(args));
  },
});
