import { type AnyTextAdapter, chat, maxIterations } from "@tanstack/ai";
import type { Target } from "mcp-dynamic-orchestrator";
import { orchestratorTools } from "mcp-dynamic-orchestrator/tanstack-ai";

interface Options {
  target: Target;
  /** Such as `openaiText("gpt-5")` of @tanstack/ai-openai. */
  adapter: AnyTextAdapter;
  abortController?: AbortController | undefined;
}

export async function answer(question: string, { target, adapter, abortController }: Options): Promise<string> {
  return await chat({
    adapter,
    messages: [{ role: "user", content: question }],
    tools: orchestratorTools(target),
    agentLoopStrategy: maxIterations(20),
    stream: false,
    ...(abortController && { abortController }),
  });
}
