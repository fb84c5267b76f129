const noNetwork = "There is no network: call a tool of a server.";
const noFiles = "There are no files here: call a tool of a server that has them.";
const keepsValues = '`import { session } from "runtime"` keeps values: `await session.set(key, value)`.';

/** What is written in place of globals that other platforms have. */
export const insteadOf: Readonly<Record<string, string>> = {
  Buffer: 'Write `import { Buffer } from "node:buffer";`.',
  XMLHttpRequest: noNetwork,
  axios: noNetwork,
  process: "There is no process and no environment: pass values in as `args`.",
  Deno: noFiles,
  Bun: noFiles,
  fs: noFiles,
  localStorage: keepsValues,
  sessionStorage: keepsValues,
};
