/*
 * For Cloudflare's Agents SDK, whose agents use the AI SDK: bind the Worker's entrypoint `Orchestrator` as a service, and pass
 * `this.env.ORCHESTRATOR.session(this.name)`.
 */

export { orchestratorTools } from "./ai.ts";
export type { SessionStub } from "./session-target.ts";
