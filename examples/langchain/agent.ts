import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { createAgent } from "langchain";
import type { Target } from "mcp-dynamic-orchestrator";
import { orchestratorTools } from "mcp-dynamic-orchestrator/langchain";

interface Options {
  target: Target;
  model: string | BaseChatModel;
  signal?: AbortSignal | undefined;
}

export async function answer(question: string, { target, model, signal }: Options): Promise<string> {
  const agent = createAgent({ model, tools: orchestratorTools(target) });
  const { messages } = await agent.invoke(
    { messages: [{ role: "user", content: question }] },
    { recursionLimit: 50, ...(signal && { signal }) },
  );
  return messages.at(-1)?.text ?? "";
}
