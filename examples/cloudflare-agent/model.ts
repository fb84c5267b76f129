import type { LanguageModel } from "ai";

/** By the AI SDK's gateway, with AI_GATEWAY_API_KEY; a provider's package, such as workers-ai-provider, gives others. */
export function createModel(): LanguageModel {
  return "openai/gpt-5";
}
