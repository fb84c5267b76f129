const noNetwork = "There is no network: call a tool of a server.";
const noFiles = "There are no files here: call a tool of a server that has them.";
const keepsValues = '`import { session } from "runtime"` keeps values: `await session.set(key, value)`.';

const noPage = "There is no page here: the tool of a browser's server that evaluates code runs in one.";
const noProcesses = "There are no processes here: call a tool of a server that runs commands.";

/** What is written in place of globals that other platforms have. */
export const insteadOf: Readonly<Record<string, string>> = {
  Buffer: 'Write `import { Buffer } from "node:buffer";`.',
  XMLHttpRequest: noNetwork,
  axios: noNetwork,
  process: "There is no process and no environment: pass values in as `args`.",
  Deno: noFiles,
  Bun: noFiles,
  fs: noFiles,
  window: noPage,
  document: noPage,
  print: "Write `console.log(…)`, or `return` the value.",
  sleep: "Write `await new Promise((resolve) => setTimeout(resolve, ms))`.",
  setImmediate: "Write `setTimeout(f, 0)`.",
  localStorage: keepsValues,
  sessionStorage: keepsValues,
};

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
