/* What the runtime needs to find: the HTTP face, the session object and the sandbox entrypoint. */

export { app as default } from "./http/app.ts";
export { Session } from "./objects/session.ts";
export { Sandbox } from "./sandbox/entrypoint.ts";
