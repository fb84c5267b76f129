/* The exports that the runtime looks for: the HTTP handler, the session object and the compiler's entrypoint. */

export { app as default } from "./http/app.ts";
export { Session } from "./objects/session.ts";
export { Compiler } from "./sandbox/compiler/compiler-entrypoint.ts";
