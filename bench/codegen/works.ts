import { declareClient } from "../../core/codegen/declaration.ts";
import { clientModule } from "../../core/codegen/module.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { provideWorkerClasses } from "../search/codemode.ts";

/** The kinds of work that are measured. Each generates text from the tools of one server. */
export const works = {
  declaration: { title: "the whole declaration", prepare: async () => (tools) => declare(tools) },
  used: {
    title: "the declaration for a program that uses three tools",
    prepare: async () => (tools) => declare(tools, namesOfThree(tools)),
  },
  module: { title: "the module that the program imports", prepare: async () => (tools) => clientModule({ server, tools }) },
  codemode: { title: "codemode's types of all tools", prepare: prepareCodemode },
} as const satisfies Record<string, Work>;

export type WorkName = keyof typeof works;

interface Work {
  title: string;
  /** Loads what the work needs; not measured. */
  prepare: () => Promise<(tools: readonly Tool[]) => string>;
}

const server = { id: "big", title: "Big", summary: "A large server.", examples: [] };

function declare(tools: readonly Tool[], only?: readonly string[]): string {
  return declareClient({ server, tools, only }).declaration;
}

function namesOfThree(tools: readonly Tool[]): string[] {
  const middle = Math.floor(tools.length / 2);
  return tools.slice(middle, middle + 3).map(({ name }) => name);
}

async function prepareCodemode(): Promise<(tools: readonly Tool[]) => string> {
  provideWorkerClasses();
  const { generateTypesFromJsonSchema } = await import("@cloudflare/codemode");
  return (tools) =>
    generateTypesFromJsonSchema(
      Object.fromEntries(tools.map(({ name, description = "", inputSchema }) => [name, { description, inputSchema }])),
    );
}
