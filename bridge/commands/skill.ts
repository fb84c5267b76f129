import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { skillOf } from "../../core/saved/skill.ts";
import type { Command } from "./command.ts";
import { urlOption } from "./orchestrator-client.ts";
import { openSaved } from "./saved-client.ts";

const Options = z.object({ out: z.string().optional(), url: z.string().optional(), session: z.string().optional() });

export const skill: Command = {
  name: "skill <name>",
  summary: "write an Agent Skill that calls a saved program",
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
    const written = skillOf(tool);
    const folder = resolve(world.workingDirectory, out, written.name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "SKILL.md"), `${written.text}\nOn a command line: \`mcp-bridge run ${tool.name} --help\`.\n`);
    world.print(join(folder, "SKILL.md"));
    return 0;
  },
};
