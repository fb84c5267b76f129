import { generateText, isStepCount, type LanguageModel } from "ai";
import type { Target } from "mcp-dynamic-orchestrator";
import { orchestratorTools } from "mcp-dynamic-orchestrator/ai";

interface Options {
  target: Target;
  /** Such as "openai/gpt-5", by the AI SDK's gateway. */
  model: LanguageModel;
  signal?: AbortSignal | undefined;
}

export async function answer(question: string, { target, model, signal }: Options): Promise<string> {
  const { text } = await generateText({
    model,
    prompt: question,
    tools: orchestratorTools(target),
    stopWhen: isStepCount(20),
    ...(signal && { abortSignal: signal }),
  });
  return text;
}
