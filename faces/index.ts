/* The door of the package: the three tools for any framework. Each subpath has them in the form of one. */

export { type LocalOptions, local } from "./local.ts";
export { type RemoteOptions, remote } from "./remote.ts";
export type { SessionStub } from "./session-target.ts";
export type { Answer, CallOptions, Image, Target } from "./target.ts";
export { type OrchestratorTool, orchestratorTools } from "./tools.ts";
