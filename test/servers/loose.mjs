import { createInterface } from "node:readline";

/*
 * Answers that are not quite to the letter, on a pipe. `loose.mjs <handshake>`: how it answers `initialize`. Each tool answers in its
 * own way. Lines are read with Node's readline, which ends them at U+2028 too.
 */

const [, , handshake = "usual"] = process.argv;
const names =
  "structured text_number beside before after joined framed unended indented indented_by_tabs list text bare null_flag nan raw_tab odd_escape nan_text error_text error_no_id neither cut echo ends ends_listening stays".split(
    " ",
  );
const tools = names.map((name) => ({
  name,
  inputSchema: { type: "object", properties: { id: { maximum: 2 ** 63 } } },
}));
const id = "1915883588174806058";

const handshakes = {
  usual: (version) => ({ protocolVersion: version, capabilities: { tools: {} }, serverInfo: { name: "loose", version: "1" } }),
  lists: () => ({ protocolVersion: [], capabilities: { tools: [], logging: [] }, serverInfo: [] }),
  nulls: () => ({ protocolVersion: null, capabilities: null, serverInfo: null, instructions: null }),
  nothing: () => [],
  text: () => "ready",
};

function print(text, end = "\n") {
  process.stdout.write(`${text}${end}`);
}

const result = (number, body) => JSON.stringify({ jsonrpc: "2.0", id: number, ...body });
const done = (number) => result(number, { result: { content: [{ type: "text", text: "done" }] } });

const answers = {
  structured: (n) => print(`{"jsonrpc":"2.0","id":${n},"result":{"content":[],"structuredContent":{"id":${id},"n":7}}}`),
  text_number: (n) => print(result(n, { result: { content: [{ type: "text", text: `{"id":${id}}` }] } })),
  before: (n) => print(`Working... ${done(n)}`),
  after: (n) => print(`${done(n)} ok`),
  beside: (n) => print(`{50%} ${done(n)} {100%}`),
  joined: (n) =>
    print(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { data: "log" } })}${done(n)}`),
  framed: (n) => print(`Content-Length: ${done(n).length}\r\n\r\n${done(n)}`, ""),
  unended: (n) => print(done(n), ""),
  indented: (n) => print(JSON.stringify(JSON.parse(done(n)), null, 2)),
  indented_by_tabs: (n) => print(`{\nno\n${JSON.stringify(JSON.parse(done(n)), null, "\t").replaceAll("\n", "\r\n")}`),
  list: (n) => print(result(n, { result: [] })),
  text: (n) => print(result(n, { result: { content: "done", isError: null } })),
  bare: (n) => print(result(n, { result: { rows: 2 } })),
  null_flag: (n) => print(result(n, { result: { content: [{ type: "text", text: '{"a":1}' }], isError: null } })),
  nan: (n) => print(`{"jsonrpc":"2.0","id":${n},"result":{"content":[],"structuredContent":{"a":NaN,"b":[-Infinity,"NaN"]}}}`),
  raw_tab: (n) => print(`{"jsonrpc":"2.0","id":${n},"result":{"content":[{"type":"text","text":"a\tb\u0000\u001b[1m"}]}}`),
  odd_escape: (n) =>
    print(String.raw`{"jsonrpc":"2.0","id":${n},"result":{"content":[{"type":"text","text":"it\'s \x41 \\d \n"}]}}`),
  nan_text: (n) => print(result(n, { result: { content: [{ type: "text", text: '{"mean": NaN, "max": Infinity}' }] } })),
  cut: (n) => print(done(n).slice(0, -6)),
  error_text: (n) => print(result(n, { error: "the disk is full" })),
  error_no_id: () => print(result(null, { error: { code: -32700, message: "Parse error" } })),
  neither: (n) => print(result(n, {})),
  echo: (n, _args, line) =>
    print(result(n, { result: { structuredContent: { args: line.slice(line.indexOf('"arguments":') + 12) } } })),
  stays: (n) => print(result(n, { result: { content: [{ type: "text", text: String(process.pid) }] } })),
  ends(n) {
    answers.stays(n);
    setImmediate(() => process.exit(0));
  },
  ends_listening(n) {
    answers.stays(n);
    process.stdin.destroy();
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return print(`not JSON: ${line}`);
  }
  const { id: number, method, params } = message;
  if (number === undefined) return;
  if (method === "initialize") return print(result(number, { result: handshakes[handshake](params.protocolVersion) }));
  if (method === "tools/list") return print(result(number, { result: { tools } }));
  if (method === "tools/call") return answers[params.name](number, params.arguments, line);
  print(result(number, { error: { code: -32601, message: "Method not found" } }));
});
