/*
 * What is written in place of what other platforms and languages have.
 */

const noNetwork = "There is no network: call a tool of a server.";
const noFiles = "There are no files here: call a tool of a server that has them.";
const keepsValues = '`import { session } from "runtime"` keeps values: `await session.set(key, value)`.';

const noPage = "There is no page here: the tool of a browser's server that evaluates code runs in one.";
const noProcesses = "There are no processes here: call a tool of a server that runs commands.";

const noPackages = "There are no packages here: use what the language has.";
export const noShell = "Commands of a shell do not run here: call a tool of a server that runs them.";
const nobodyThere = "Nobody can be asked here: pass values in as `args`.";

/** What is written in place of globals that other platforms have. */
const insteadOf: Readonly<Record<string, string>> = {
  Buffer: 'Write `import { Buffer } from "node:buffer";`.',
  XMLHttpRequest: noNetwork,
  axios: noNetwork,
  process: "There is no process and no environment: pass values in as `args`.",
  Deno: noFiles,
  Bun: noFiles,
  fs: noFiles,
  __dirname: noFiles,
  __filename: noFiles,
  window: noPage,
  document: noPage,
  $: noPage,
  print: "Write `console.log(…)`, or `return` the value.",
  sleep: "Write `await new Promise((resolve) => setTimeout(resolve, ms))`.",
  setImmediate: "Write `setTimeout(f, 0)`.",
  alert: "Write `console.log(…)`.",
  prompt: nobodyThere,
  confirm: nobodyThere,
  input: nobodyThere,
  Temporal: "Write `new Date()`, and `Intl.DateTimeFormat` for zones.",
  ...Object.fromEntries(["_", "lodash", "moment", "dayjs", "z", "pd", "np", "plt"].map((name) => [name, noPackages])),
  ...Object.fromEntries(["ls", "cd", "cat", "pwd", "curl", "git", "npm", "npx"].map((name) => [name, noShell])),
  // HTML's.
  lt: "An entity of HTML: write `<`.",
  gt: "An entity of HTML: write `>`.",
  amp: "An entity of HTML: write `&`.",
  localStorage: keepsValues,
  sessionStorage: keepsValues,
  // Python's.
  None: "Write `null`.",
  True: "Write `true`.",
  False: "Write `false`.",
  len: "Write `value.length`.",
  str: "Write `String(value)`.",
  int: "Write `Math.trunc(value)`.",
  float: "Write `Number(value)`.",
  range: "Write a `for` loop.",
  json: "Write `JSON.parse(text)` or `JSON.stringify(value)`.",
  requests: noNetwork,
  os: noFiles,
  open: noFiles,
  dict: "Write `{ … }`.",
  max: "Write `Math.max(…)`.",
  min: "Write `Math.min(…)`.",
  round: "Write `Math.round(value)`.",
  sum: "Write `values.reduce((a, b) => a + b, 0)`.",
  sorted: "Write `values.toSorted()`.",
  enumerate: "Write `values.entries()`.",
  datetime: "Write `new Date()`.",
  asyncio: "Write `await`, and `await Promise.all([…])` for several.",
};

export function insteadOfName(name: string): string | undefined {
  return Object.hasOwn(insteadOf, name) ? insteadOf[name] : undefined;
}

export function isShellCommand(name: string): boolean {
  return insteadOfName(name) === noShell;
}

const insteadOfModules: Readonly<Record<string, string>> = {
  fs: `${noFiles} \`import { files } from "runtime"\` keeps files of the session.`,
  child_process: noProcesses,
  ...Object.fromEntries(["http", "https", "net", "axios", "got", "node-fetch", "undici"].map((name) => [name, noNetwork])),
};

/** The same for a module of Node, or a package. */
export function insteadOfModule(specifier: string): string | undefined {
  const name = specifier.replace(/^node:/, "").replace(/^fs\/promises$/, "fs");
  return Object.hasOwn(insteadOfModules, name) ? insteadOfModules[name] : undefined;
}
