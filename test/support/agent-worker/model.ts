import { MockLanguageModelV4 } from "ai/test";

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/**
 * In place of the model of an example Worker. The prompt is the script: a JSON list of calls, one for each turn. In the end it says, as
 * JSON, what it was given as their results.
 */
export function createModel() {
  return new MockLanguageModelV4({
    async doGenerate({ prompt }) {
      const [asked] = prompt.flatMap(({ role, content }) => (role === "user" ? content : []));
      const script: unknown = JSON.parse(asked?.type === "text" ? asked.text : "[]");
      const parts = prompt.flatMap(({ role, content }) => (role === "tool" ? content : []));
      const read = parts.flatMap((part) =>
        part.type === "tool-result" && part.output.type === "json" ? [part.output.value] : [],
      );
      const call: unknown = Array.isArray(script) ? script[read.length] : undefined;
      if (call === undefined) {
        const text = JSON.stringify(read);
        return { content: [{ type: "text", text }], finishReason: { unified: "stop", raw: "stop" }, usage, warnings: [] };
      }
      const { name, input } = Object(call);
      const toolCallId = `call_${read.length}`;
      return {
        content: [{ type: "tool-call", toolCallId, toolName: String(name), input: JSON.stringify(input) }],
        finishReason: { unified: "tool-calls", raw: "tool_calls" },
        usage,
        warnings: [],
      };
    },
  });
}
