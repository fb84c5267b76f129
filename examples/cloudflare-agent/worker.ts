import { Agent, routeAgentRequest } from "agents";
import { generateText, isStepCount } from "ai";
import { orchestratorTools, type SessionStub } from "mcp-dynamic-orchestrator/agents";
import { createModel } from "./model.ts";

export interface Env {
  ORCHESTRATOR: { session(name: string): SessionStub };
  Assistant: DurableObjectNamespace<Assistant>;
}

/** An agent whose session of the orchestrator has its own name: `POST /agents/assistant/<name>` with a question. */
export class Assistant extends Agent<Env> {
  override async onRequest(request: Request): Promise<Response> {
    const { text } = await generateText({
      model: createModel(),
      tools: orchestratorTools(this.env.ORCHESTRATOR.session(this.name)),
      prompt: await request.text(),
      stopWhen: isStepCount(20),
      abortSignal: request.signal,
    });
    return new Response(text);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return (await routeAgentRequest(request, env)) ?? new Response("POST /agents/assistant/<name>", { status: 404 });
  },
};
