import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { z } from "zod";
import { named } from "../../core/closest.ts";
import { OrchestratorError } from "../../core/errors.ts";
import { exportOf } from "../../core/saved/inputs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { urlOption } from "./orchestrator-client.ts";
import { openSaved, Saved, type SavedClient } from "./saved-client.ts";

const Options = z.object({
  out: z.string().optional(),
  all: z.boolean().default(false),
  url: z.string().optional(),
  session: z.string().optional(),
});

export const exportSaved: Command = {
  name: "export [name]",
  summary: "write a saved program to a file, or all of them to one JSON file",
  options: [
    {
      flags: "--out <path>",
      description: "the file, or the folder of a program of several files (default: standard output, or .)",
    },
    { flags: "--all", description: "all saved programs as one JSON file, for mcp-bridge save --all" },
    urlOption,
    { flags: "--session <name>", description: "the session to read in (default: the default session)" },
  ],
  examples: ["mcp-bridge export weekly_report --out scripts/weekly_report.ts", "mcp-bridge export --all --out saved-tools.json"],
  async run({ args: [name], options, world }) {
    const { out, all, url, session } = Options.parse(options);
    if (!all && name === undefined) throw new UsageError("Name a saved program, or --all.");
    await using saved = await openSaved(world, { url, session });
    if (all) {
      await write(world, out, `${JSON.stringify({ savedTools: await readAll(saved) }, undefined, 2)}\n`);
      return 0;
    }
    const { code, files, language } = await saved.get(name ?? "");
    const entries = Object.entries(files ?? { [`${name}.${language ?? "ts"}`]: code ?? "" });
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) await write(world, out, only[1]);
    else for (const [path, text] of entries) await write(world, fileIn(resolve(world.workingDirectory, out ?? "."), path), text);
    return 0;
  },
};

async function readAll(saved: SavedClient): Promise<object[]> {
  const { tools } = z.object({ tools: z.array(Saved) }).parse(await saved.dynamic("tool_list", {}));
  const exported: object[] = [];
  for (const { name, script } of tools) if (!script) exported.push(exportOf(await saved.get(name)));
  return exported;
}

/** @throws OrchestratorError when the path, which an orchestrator elsewhere sent, leads out of the folder */
function fileIn(folder: string, path: string): string {
  const file = resolve(folder, path);
  if (file.startsWith(join(folder, sep))) return file;
  throw new OrchestratorError("invalid_input", `"${named(path)}" leads out of ${folder}, so nothing more was written.`);
}

async function write(world: World, path: string | undefined, text: string): Promise<void> {
  if (path === undefined) {
    world.print(text.replace(/\n$/, ""));
    return;
  }
  const file = resolve(world.workingDirectory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  world.writeStderr(`wrote ${file}\n`);
}
