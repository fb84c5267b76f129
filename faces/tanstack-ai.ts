import { type AnyServerTool, toolDefinition } from "@tanstack/ai";
import { runWithImages } from "./images.ts";
import type { SessionStub } from "./session-target.ts";
import type { Target } from "./target.ts";
import { orchestratorTools as neutralTools } from "./tools.ts";

/** The three tools for TanStack AI's `chat`. What a program reports meanwhile is emitted as the custom event `progress`. */
export function orchestratorTools(target: Target | SessionStub): AnyServerTool[] {
  return neutralTools(target).map(({ name, description, inputSchema, run }) =>
    toolDefinition({ name, description, inputSchema }).server(async (input, context) => {
      const { text, images } = await runWithImages(
        { run },
        {
          input,
          signal: context?.abortSignal,
          onProgress: (progress) => context?.emitCustomEvent("progress", { ...progress, tool: name }),
        },
      );
      const shown = images.map(({ mimeType, data }) => ({ type: "image", source: { type: "data", mimeType, value: data } }));
      return shown.length === 0 ? text : [{ type: "text", content: text }, ...shown];
    }),
  );
}
