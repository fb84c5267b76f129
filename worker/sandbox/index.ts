/* The sandbox and the compiler as a Worker of its own: what `npm start` runs in processes apart from the sessions. */
export { Compiler } from "./compiler/compiler-entrypoint.ts";
export { Sandbox } from "./entrypoint.ts";

export default {
  /** Answers when the process does; the supervisor asks. */
  fetch: () => new Response("ok\n"),
};
