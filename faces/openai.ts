import type { FunctionTool, ResponseFunctionToolCall, ResponseInputItem } from "openai/resources/responses/responses";
import { failureAnswer } from "./failure.ts";
import { dataUrlOf, runWithImages } from "./images.ts";
import type { SessionStub } from "./session-target.ts";
import type { CallOptions, Target } from "./target.ts";
import { orchestratorTools } from "./tools.ts";

export interface OpenAiTools {
  /** For `tools` of a request to the Responses API. */
  definitions: FunctionTool[];
  /** Answers a call among a response's output items: append what it returns to the next request's input. */
  run(
    call: Pick<ResponseFunctionToolCall, "call_id" | "name" | "arguments">,
    options?: CallOptions,
  ): Promise<ResponseInputItem.FunctionCallOutput>;
}

/** The three tools for OpenAI's Responses API. */
export function openaiTools(target: Target | SessionStub): OpenAiTools {
  const tools = orchestratorTools(target);
  return {
    definitions: tools.map(({ name, description, inputSchema }) => ({
      ...{ type: "function", name, description, parameters: inputSchema },
      // Strict mode wants every field to be required, which these are not.
      strict: false,
    })),
    async run({ call_id, name, arguments: input }, options) {
      const tool = tools.find((candidate) => candidate.name === name);
      const names = tools.map((candidate) => candidate.name).join(", ");
      const unknown = async () => failureAnswer("invalid_input", `There is no tool "${name}". There are ${names}.`);
      const { text, images } = await runWithImages(tool ?? { run: unknown }, { input, ...options });
      const shown = images.map((image) => ({ type: "input_image" as const, image_url: dataUrlOf(image) }));
      const output = shown.length === 0 ? text : [{ type: "input_text" as const, text }, ...shown];
      return { type: "function_call_output", call_id, output };
    },
  };
}
