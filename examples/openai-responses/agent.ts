import type { Target } from "mcp-dynamic-orchestrator";
import { openaiTools } from "mcp-dynamic-orchestrator/openai";
import type OpenAI from "openai";

interface Options {
  target: Target;
  client: OpenAI;
  model?: string;
  signal?: AbortSignal | undefined;
}

export async function answer(question: string, { target, client, model = "gpt-5", signal }: Options): Promise<string> {
  const tools = openaiTools(target);
  let request: OpenAI.Responses.ResponseCreateParamsNonStreaming = { model, input: question, tools: tools.definitions };
  for (;;) {
    const response = await client.responses.create(request, { signal });
    const calls = response.output.filter((item) => item.type === "function_call");
    if (calls.length === 0) return response.output_text;
    const input = await Promise.all(calls.map((call) => tools.run(call, { signal })));
    request = { model, input, tools: tools.definitions, previous_response_id: response.id };
  }
}
