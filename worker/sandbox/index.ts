/* A Worker with the sandbox and the compiler only. `npm start` runs it in processes apart from the sessions. */
export { Compiler } from "./compiler/compiler-entrypoint.ts";
export { Sandbox } from "./entrypoint.ts";

export default {
  /** Answers the supervisor's liveness check. */
  fetch: () => new Response("ok\n"),
};
