import { Agent, type Model, Runner } from "@openai/agents";
import type { Target } from "mcp-dynamic-orchestrator";
import { orchestratorTools } from "mcp-dynamic-orchestrator/openai-agents";

interface Options {
  target: Target;
  model: string | Model;
  signal?: AbortSignal | undefined;
}

export async function answer(question: string, { target, model, signal }: Options): Promise<string> {
  const agent = new Agent({ name: "orchestrated", model, tools: orchestratorTools(target) });
  const result = await new Runner({ tracingDisabled: true }).run(agent, question, { maxTurns: 20, ...(signal && { signal }) });
  return String(result.finalOutput);
}
