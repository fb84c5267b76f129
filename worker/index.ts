/* The exports that the runtime looks for: the HTTP handler, the entrypoint for other Workers, the objects and the compiler's entrypoint. */

export { AuditTrail } from "./audit/trail.ts";
export { app as default } from "./http/app.ts";
export { Orchestrator } from "./http/service/orchestrator.ts";
export { Account } from "./objects/account.ts";
export { Library } from "./objects/library.ts";
export { Session } from "./objects/session.ts";
export { Compiler } from "./sandbox/compiler/compiler-entrypoint.ts";
