import { DynamicStructuredTool } from "@langchain/core/tools";
import { runWithImages } from "./images.ts";
import type { SessionStub } from "./session-target.ts";
import type { Target } from "./target.ts";
import { orchestratorTools as neutralTools, type OrchestratorTool } from "./tools.ts";

type Call = DynamicStructuredTool<object>["call"];

/** The three tools for LangChain and LangGraph. */
export function orchestratorTools(target: Target | SessionStub): DynamicStructuredTool[] {
  return neutralTools(target).map((tool) => new OrchestratorLangChainTool(tool));
}

class OrchestratorLangChainTool extends DynamicStructuredTool {
  constructor({ name, description, inputSchema, run }: OrchestratorTool) {
    super({
      name,
      description,
      schema: inputSchema,
      func: async (input, _manager, config) => {
        const { text, images } = await runWithImages({ run }, { input, signal: config?.signal });
        return images.length === 0 ? text : [{ type: "text", text }, ...images.map((image) => ({ type: "image", ...image }))];
      },
    });
  }

  /** With a schema that takes everything: the orchestrator's own errors say more to a model than LangChain's. */
  override call(...args: Parameters<Call>): ReturnType<Call> {
    const lenient: this = Object.create(this, { schema: { value: { type: "object" } } });
    return super.call.apply(lenient, args);
  }
}
