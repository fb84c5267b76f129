/* What the runtime needs to find: the HTTP face, the session object and the sandbox entrypoint. */
export { Session } from "./objects/session.ts";
export { Sandbox } from "./sandbox/entrypoint.ts";
export { app as default } from "./http/app.ts";
