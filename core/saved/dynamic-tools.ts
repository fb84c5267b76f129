import { z } from "zod";
import { type BuiltInTool, builtInTool } from "../built-in/built-in-server.ts";
import type { UpstreamCallOptions } from "../mcp/upstream.ts";
import type { Changes } from "./changes.ts";
import { RevisionLine } from "./definition.ts";
import { Create, Patch, Shown } from "./inputs.ts";

/* The tools of the server `dynamic`. Who may write is decided by `refuseWrite`. */

const name = z.string();
const expectedRevision = z.number().int().optional().describe("Refused with a conflict if it is at another revision.");
const readOnly = { readOnlyHint: true, openWorldHint: false };
const writing = { readOnlyHint: false, openWorldHint: false };

const OneTool = z.object({ tool: Shown });

interface DynamicParts {
  changes: Changes;
  /** @throws when programs may not change anything, or this one may not */
  refuseWrite(tool: string, options: UpstreamCallOptions): void;
}

export function dynamicTools(parts: DynamicParts): BuiltInTool[] {
  const [list, get, history] = readingTools(parts);
  const [create, update, remove, enable, rollback] = writingTools(parts);
  return [create, update, remove, list, get, enable, history, rollback];
}

function readingTools({ changes }: DynamicParts): [BuiltInTool, BuiltInTool, BuiltInTool] {
  return [
    builtInTool({
      name: "tool_list",
      description: "All saved programs.",
      input: z.strictObject({ includeCode: z.boolean().default(false) }),
      output: z.object({ tools: z.array(Shown) }),
      annotations: readOnly,
      run: async ({ includeCode }) => ({ tools: await changes.list(includeCode) }),
    }),
    builtInTool({
      name: "tool_get",
      description: "One saved program with its source.",
      input: z.strictObject({ name, revision: z.number().int().optional() }),
      output: OneTool,
      annotations: readOnly,
      run: async (input) => ({ tool: await changes.get(input) }),
    }),
    builtInTool({
      name: "tool_history",
      description: "The revisions of a saved program, the newest first.",
      input: z.strictObject({ name }),
      output: z.object({
        revisions: z.array(RevisionLine),
      }),
      annotations: readOnly,
      run: async (input) => ({ revisions: await changes.history(input) }),
    }),
  ];
}

function writingTools(parts: DynamicParts): [BuiltInTool, BuiltInTool, BuiltInTool, BuiltInTool, BuiltInTool] {
  const { changes } = parts;
  return [
    writingTool(parts, {
      name: "tool_create",
      description: "Saves a program as a tool of the server `saved`. It is checked before it is stored.",
      input: Create,
      change: (input) => changes.create(input),
    }),
    writingTool(parts, {
      name: "tool_update",
      description: "Changes fields of a saved program. The result is checked before it is stored.",
      input: z.strictObject({ name, patch: Patch, expectedRevision }),
      change: (input) => changes.update(input),
    }),
    writingTool(parts, {
      name: "tool_delete",
      description: "Deletes a saved program with its history.",
      input: z.strictObject({ name, expectedRevision }),
      annotations: { destructiveHint: true },
      change: (input) => changes.remove(input),
    }),
    writingTool(parts, {
      name: "tool_enable",
      description: "Enables or disables a saved program. A disabled one is not listed and cannot be called.",
      input: z.strictObject({ name, enabled: z.boolean(), expectedRevision }),
      change: ({ enabled, ...input }) => changes.update({ ...input, patch: { enabled } }),
    }),
    writingTool(parts, {
      name: "tool_rollback",
      description: "Stores an earlier revision again, as a new one.",
      input: z.strictObject({ name, revision: z.number().int(), expectedRevision }),
      change: (input) => changes.rollback(input),
    }),
  ];
}

interface WritingTool<Input extends z.ZodObject> {
  name: string;
  description: string;
  input: Input;
  annotations?: BuiltInTool["tool"]["annotations"];
  change(input: z.infer<Input>): Promise<Shown>;
}

/** A tool that changes one program and returns it. */
function writingTool<Input extends z.ZodObject>(
  { refuseWrite }: DynamicParts,
  { change, annotations, ...tool }: WritingTool<Input>,
): BuiltInTool {
  return builtInTool({
    ...tool,
    output: OneTool,
    annotations: { ...writing, ...annotations },
    async run(input, options) {
      refuseWrite(tool.name, options);
      return { tool: await change(input) };
    },
  });
}
