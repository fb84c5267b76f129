import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { toIdentifier } from "../../core/registry/identifiers.ts";
import type { Command } from "./command.ts";
import { flagsHelp } from "./flags.ts";
import { urlOption } from "./orchestrator-client.ts";
import { openSaved, type Saved } from "./saved-client.ts";

const Options = z.object({ out: z.string().optional(), url: z.string().optional(), session: z.string().optional() });

export const skill: Command = {
  name: "skill <name>",
  summary: "write a Claude Code skill that calls a saved program",
  options: [
    { flags: "--out <folder>", description: "the folder of skills (default: .claude/skills)" },
    urlOption,
    { flags: "--session <name>", description: "the session to read in (default: the default session)" },
  ],
  examples: ["mcp-bridge skill weekly_report"],
  async run({ args: [name = ""], options, world }) {
    const { out = ".claude/skills", url, session } = Options.parse(options);
    await using saved = await openSaved(world, { url, session });
    const tool = await saved.get(name);
    const folder = resolve(world.workingDirectory, out, skillName(tool.name));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "SKILL.md"), skillText(tool));
    world.print(join(folder, "SKILL.md"));
    return 0;
  },
};

/** Of a skill: lower case, digits and hyphens. */
function skillName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** What Claude Code reads: the front matter always, the rest when the skill is used. */
export function skillText(tool: Pick<Saved, "name" | "description" | "inputSchema" | "examples">): string {
  const example = tool.examples?.find((found) => typeof found === "object" && found !== null) ?? exampleOf(tool.inputSchema);
  const call = `return await saved.${toIdentifier(tool.name)}(${JSON.stringify(example)});`;
  return `---
name: ${skillName(tool.name)}
description: ${JSON.stringify(oneLine(tool.description).slice(0, descriptionCharsMax))}
---

${oneLine(tool.description)}

One call of \`execute_mcp_code\` (server mcp-dynamic-orchestrator):

\`\`\`ts
${call}
\`\`\`

Arguments, as flags of the command line too:

\`\`\`
${flagsHelp(tool)}
\`\`\`
`;
}

const descriptionCharsMax = 1_000;

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("---", "—").trim();
}

/** Every required argument with a value of its type. */
function exampleOf({ properties, required }: Saved["inputSchema"]): object {
  const names = Array.isArray(required) ? required.map(String) : [];
  const known = z
    .record(z.string(), z.looseObject({ type: z.unknown() }))
    .catch({})
    .parse(properties);
  return Object.fromEntries(names.map((name) => [name, valueLike(known[name])]));
}

function valueLike(schema: Record<string, unknown> | undefined): unknown {
  if (Array.isArray(schema?.enum)) return schema.enum[0];
  const samples: Record<string, unknown> = { number: 1, integer: 1, boolean: true, array: [], object: {} };
  return samples[String(schema?.type)] ?? "…";
}
