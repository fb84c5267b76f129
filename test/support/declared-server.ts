import { expect } from "vitest";
import { declareClient } from "../../core/codegen/declaration.ts";
import { signatureOf } from "../../core/codegen/signature.ts";
import type { Tool } from "../../core/mcp/tool.ts";

/** The declaration file of a published server. Also asserts that no tool is omitted and that every signature is short. */
export function declarationsOf(id: string, tools: Tool[]): Record<string, string> {
  const server = { id, title: id, summary: "A published server.", examples: [] };
  const { declaration, included, omitted } = declareClient({ server, tools });
  expect(included).toEqual(tools.map((tool) => tool.name));
  expect(omitted).toEqual([]);
  for (const tool of tools) expect(signatureOf(tool.name, tool).length).toBeLessThanOrEqual(200);
  return { [`mcp-clients/${id}.d.ts`]: declaration };
}
