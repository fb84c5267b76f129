import { dynamicTool, type JSONValue, jsonSchema, type ToolSet } from "ai";
import { withoutImages } from "./images.ts";
import type { SessionStub } from "./session-target.ts";
import type { Answer, Image, Target } from "./target.ts";
import { orchestratorTools as neutralTools, type OrchestratorTool } from "./tools.ts";
import { type Update, updatesOf } from "./updates.ts";

/** The three tools for the AI SDK (`generateText`, `streamText`, agents). What a program reports meanwhile are preliminary results. */
export function orchestratorTools(target: Target | SessionStub): ToolSet {
  return Object.fromEntries(neutralTools(target).map((tool) => [tool.name, toAiTool(tool)]));
}

function toAiTool({ description, inputSchema, run }: OrchestratorTool) {
  return dynamicTool({
    description,
    // Without `validate`: the orchestrator's own errors are written for the model.
    inputSchema: jsonSchema(inputSchema),
    execute: (input, { abortSignal: signal }): AsyncIterable<Update | Answer> =>
      updatesOf(async (onProgress) => {
        const images: Image[] = [];
        const answer = await run(input, { signal, onProgress, onImages: (found) => void images.push(...found) });
        return images.length === 0 ? answer : { ...answer, images };
      }),
    toModelOutput({ output }) {
      let images: Image[] = [];
      const answer = withoutImages(Object(output), { onImages: (found) => (images = found) });
      const value: JSONValue = JSON.parse(JSON.stringify(answer));
      if (images.length === 0) return { type: "json", value };
      return {
        type: "content",
        value: [
          { type: "text", text: JSON.stringify(value) },
          // Version 7 has another form too, which version 6 does not know.
          ...images.map(({ mimeType: mediaType, data }) => ({ type: "image-data" as const, mediaType, data })),
        ],
      };
    },
  });
}
