import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { declareClient } from "../../core/codegen/declaration.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { nameTools } from "../../core/registry/identifiers.ts";
import type { Command } from "./command.ts";
import { openRegistry, RegistryOptions, registryOption } from "./open-registry.ts";
import { openOneServer } from "./server-connection.ts";

const Options = RegistryOptions.extend({ out: z.string().default("mcp-clients") });

export const generate: Command = {
  name: "generate <id>",
  summary: "write a typed client of a server, for programs of your own",
  options: [registryOption, { flags: "--out <folder>", description: "where to write it (default: mcp-clients)" }],
  notes: [
    "Writes <id>.js and <id>.d.ts, with a function for each tool, as programs import them from mcp-clients/<id>. Calls go through the",
    'orchestrator of this machine, or the one that `$connect(remote({ url, token }))` names; the module needs "mcp-dynamic-orchestrator".',
  ],
  examples: ["mcp-bridge generate time --out src/clients"],
  async run({ args: [id = ""], options, world }) {
    const { out, ...registryOptions } = Options.parse(options);
    const { registry } = await openRegistry(world, registryOptions);
    await using server = await openOneServer(world, registry, id);
    const tools = await server.listTools();
    const entry = registry.servers.find((candidate) => candidate.id === id);
    const { declaration } = declareClient({ server: { id, title: id, summary: "", examples: [], ...entry }, tools });
    const folder = resolve(world.workingDirectory, out);
    await mkdir(folder, { recursive: true });
    for (const [suffix, text] of [
      ["js", moduleText(id, tools)],
      ["d.ts", typesText(id, declaration)],
    ] as const) {
      await writeFile(join(folder, `${id}.${suffix}`), text);
      world.print(relative(world.workingDirectory, join(folder, `${id}.${suffix}`)));
    }
    return 0;
  },
};

const origin = (id: string) => `// Written by: mcp-bridge generate ${id}. Write it again when the server's tools change.\n`;

function moduleText(id: string, tools: readonly Tool[]): string {
  const names = [...nameTools(tools)];
  // By number: a tool may have any name, those of this module's own too.
  const functions = names.map(([wire], index) => `const tool${index} = (args) => $call(${JSON.stringify(wire)}, args);\n`);
  return `${origin(id)}import { createClient } from "mcp-dynamic-orchestrator/client";

export const { $connect, $call, $raw } = createClient(${JSON.stringify(id)});
export const $tools = ${JSON.stringify(names.map(([wire]) => wire))};

${functions.join("")}
export { ${names.map(([, identifier], index) => `tool${index} as ${identifier}`).join(", ")} };
`;
}

/** The declaration of programs, but for the module's own name and for what exists in programs alone. */
function typesText(id: string, declaration: string): string {
  const own = declaration.replace(/^export \* as default from .*\n/m, "").replace(/^\/\/ Also available: .*\n/m, "");
  return `${origin(id)}import type { SessionStub, Target } from "mcp-dynamic-orchestrator";

/** Names the orchestrator that calls go to. Without it that of this machine, which the first call starts if need be. */
export function $connect(target: Target | SessionStub): void;
${own}`;
}
