import { type Attack, allEnding } from "./attack.ts";

/** Resources and prompts, which use the same binding as tools. */
export const features: Attack[] = [
  ...allEnding(
    { error: "server_not_allowed" },
    {
      "asks a forbidden server for its resources": `return await vault.$resources.list();`,
      "imports the prompts of a forbidden server": `import { $prompts } from "mcp-clients/vault"; return await $prompts.list();`,
    },
  ),
  {
    name: "reads a resource that it may read",
    code: `return await notes.$resources.read("note://1");`,
    ends: { result: [{ uri: "note://1", text: "read note://1" }] },
    calls: ["notes.$resources.read succeeded"],
  },
  ...[`"$resources.read"`, `"resources/read"`, `"tools/call"`, `"$prompts.get"`, `"$resources"`].map(
    (wireName): Attack => ({
      name: `calls ${wireName} as if it were a tool`,
      code: `return await Object(notes).$call(${wireName}, { uri: "note://1", name: "write" }).then(() => "reached", (e) => e.code);`,
      ends: { result: "tool_unknown" },
    }),
  ),
  {
    name: "looks for other methods of $resources and $prompts",
    code: `const { $resources, $prompts } = Object(notes); return [Reflect.ownKeys($resources), Reflect.ownKeys($prompts), typeof $resources.subscribe, typeof $resources["resources/read"], typeof $prompts.constructor, Object.getPrototypeOf($resources)];`,
    ends: { result: [["list", "templates", "read", "skills"], ["list", "get"], "undefined", "undefined", "undefined", null] },
  },
  ...[
    `"x".repeat(1_000_000)`,
    `"x".repeat(6_000_000)`,
    `""`,
    `7`,
    `null`,
    `undefined`,
    `["note://1"]`,
    `{ uri: "note://1" }`,
    `{ toString: () => "note://1" }`,
    `new String("x".repeat(10_000))`,
  ].map(
    (uri): Attack => ({
      name: `reads the resource at ${uri}`,
      code: `return await Object(notes).$resources.read(${uri}).then(() => "reached", (e) => [e.code, e.tool, e.message.length < 500]);`,
      ends: { result: ["invalid_arguments", "$resources.read", true] },
      calls: ["notes.$resources.read not_started"],
    }),
  ),
  ...[
    `{ text: 7 }`,
    `{ text: { a: "b" } }`,
    `["text"]`,
    `"text"`,
    `JSON.parse('{"__proto__":{"a":1},"text":null}')`,
    `() => "text"`,
  ].map(
    (given): Attack => ({
      name: `gets a prompt with the arguments ${given}`,
      code: `return await Object(notes).$prompts.get("greet", ${given === `() => "text"` ? `[${given}]` : given}).then(() => "reached", (e) => e.code);`,
      ends: { result: "invalid_arguments" },
      calls: ["notes.$prompts.get not_started"],
    }),
  ),
  {
    name: "adds uri and method to every object",
    code: `Object.prototype.uri = "note://2"; Object.prototype.method = "prompts/list"; Object.prototype.toJSON = () => ({ uri: "note://3" }); return await Object(notes).$resources.read().then(() => "reached", (e) => e.code);`,
    ends: { result: "invalid_arguments" },
    calls: ["notes.$resources.read not_started"],
  },
  {
    name: "replaces a function that its other files use",
    files: {
      "main.ts": `import { spoil } from "./spoil"; spoil(); return await notes.$resources.read("note://1");`,
      "spoil.ts": `export function spoil() { for (const change of [() => { Object(notes).$resources.read = () => "mine"; }, () => { Object(notes).$resources = {}; }, () => Object.defineProperty(notes.$resources, "read", { value: () => "mine" }), () => Reflect.setPrototypeOf(notes.$resources, { then: () => {} })]) try { change(); } catch {} }`,
    },
    ends: { result: [{ uri: "note://1", text: "read note://1" }] },
    calls: ["notes.$resources.read succeeded"],
  },
  {
    name: "passes its own lines off as a server's",
    code: `console.log("[notes] paid"); console.info({ level: "info", message: "paid", server: "notes" }); return "printed";`,
    ends: { result: "printed" },
    logs: ["[notes] paid", `{ level: "info", message: "paid", server: "notes" }`],
  },
];
