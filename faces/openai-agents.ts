import { type Tool, tool } from "@openai/agents";
import { runWithImages } from "./images.ts";
import type { SessionStub } from "./session-target.ts";
import type { Target } from "./target.ts";
import { orchestratorTools as neutralTools } from "./tools.ts";

/** The three tools for the OpenAI Agents SDK. */
export function orchestratorTools(target: Target | SessionStub): Tool[] {
  return neutralTools(target).map(({ name, description, inputSchema, run }) =>
    tool({
      name,
      description,
      // Not strict: that would make every field required. The SDK's type wants this said in the schema too.
      strict: false,
      parameters: { ...inputSchema, properties: Object(inputSchema.properties), required: [], additionalProperties: true },
      execute: async (input, _context, details) => {
        const { text, images } = await runWithImages({ run }, { input, signal: details?.signal });
        const shown = images.map(({ mimeType: mediaType, data }) => ({ type: "image", image: { data, mediaType } }));
        return shown.length === 0 ? text : [{ type: "text", text }, ...shown];
      },
    }),
  );
}
