import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { addEntries, entryDocument } from "../../core/registry/registry-edit.ts";
import { findServers } from "../import/found-servers.ts";
import { type ImportPlan, isComplete, planImport } from "../import/plan.ts";
import { planNotes } from "../import/plan-notes.ts";
import { localUrl } from "../local/local-url.ts";
import { changeRegistryFile } from "../registry/change-registry-file.ts";
import type { RegistryFile } from "../registry/registry-file.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { openRegistry, RegistryOptions, registryOption } from "./open-registry.ts";

const Options = RegistryOptions.pick({ registry: true }).extend({
  write: z.boolean().default(false),
  rename: z.array(z.string()).default([]),
  renameTaken: z.boolean().default(false),
  json: z.boolean().default(false),
});

export const importServers: Command = {
  name: "import <file>",
  summary: "turn the MCP servers of Claude, VS Code, Cursor, Codex and other programs into registry entries",
  options: [
    { flags: "--write", description: "add the entries to the registry instead of only printing them" },
    { flags: "--rename <name=id>", description: "the id for a server whose own id is taken", isRepeatable: true },
    { flags: "--rename-taken", description: "give every server whose id is taken the next free one, such as github-2" },
    registryOption,
    { flags: "--json", description: "print the whole import plan as JSON" },
  ],
  notes: [
    "Reads .mcp.json, ~/.claude.json, claude_desktop_config.json; .vscode/mcp.json, settings.json; ~/.cursor/mcp.json;",
    "~/.codex/config.toml; the files of Windsurf, Gemini CLI, Zed, opencode, Cline and others. Secrets become ${env:…}; the variables to set are listed, their values never printed. A second import adds nothing.",
    "Exits with 0 when every server was printed, added, already there or disabled, with 1 when one was skipped or its id is taken.",
  ],
  examples: ["mcp-bridge import ~/.claude.json", "mcp-bridge import .vscode/mcp.json --write --rename github=github-work"],
  async run({ args: [file = ""], options, world }) {
    const { registry: registryFile, write, rename: renames, renameTaken, json } = Options.parse(options);
    const path = resolve(world.workingDirectory, file);
    const { registry } = await openRegistry(world, { registry: registryFile });
    const configuration = findServers(await readConfiguration(path), path);
    const plan = planImport(configuration, {
      registered: registry.servers,
      source: basename(path),
      folder: folderOf(path),
      environment: world.environment,
      self: { projectRoot: world.projectRoot, url: localUrl(world.environment) },
      renamed: readRenames(
        renames,
        configuration.servers.map(({ name }) => name),
      ),
      renamesTaken: renameTaken,
    });
    if (write && plan.entries.length > 0)
      await changeRegistryFile(registry.absolutePath, (text) => addEntries(text, plan.entries));
    show(world, { plan, registry, isWritten: write, json });
    return isComplete(plan) ? 0 : 1;
  },
};

async function readConfiguration(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new OrchestratorError("invalid_input", `Cannot read ${path}. Give the path of a configuration file.`, { cause });
  }
}

/** The workspace folder: for `.vscode/mcp.json`, `.cursor/mcp.json` and their like, the parent of the folder that holds the file. */
export function folderOf(path: string): string {
  const folder = dirname(path);
  return [".vscode", ".cursor", ".gemini", ".zed", ".roo", ".codex"].includes(basename(folder)) ? dirname(folder) : folder;
}

function readRenames(pairs: readonly string[], names: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const [, name = "", id = ""] = /^(.+)=([^=]+)$/.exec(pair) ?? [];
      if (id === "") throw new UsageError(`--rename ${JSON.stringify(pair)} is not valid. Write --rename name=new-id.`);
      if (!names.includes(name))
        throw new UsageError(`--rename ${name}: the file has no server of that name. It has: ${names.join(", ")}.`);
      return [name, id];
    }),
  );
}

function show(
  world: World,
  { plan, registry, isWritten, json }: { plan: ImportPlan; registry: RegistryFile; isWritten: boolean; json: boolean },
): void {
  const entries = plan.entries.map(entryDocument);
  if (json) {
    world.print(JSON.stringify({ ...plan, entries, isWritten }, undefined, 2));
    return;
  }
  if (isWritten) {
    const ids = plan.entries.map(({ id }) => id).join(", ");
    world.print(ids === "" ? `Nothing to add to ${registry.path}.` : `Added to ${registry.path}: ${ids}`);
  } else if (entries.length > 0) {
    world.print(JSON.stringify(entries, undefined, 2));
  }
  for (const line of planLines(plan, { registry, environment: world.environment })) world.writeStderr(`${line}\n`);
  if (!isWritten && entries.length > 0) {
    world.writeStderr(`Add them with --write, or by hand to "servers" in ${registry.path}.\n`);
  }
}

export function planLines(
  plan: ImportPlan,
  { registry, environment }: { registry: RegistryFile; environment: World["environment"] },
): string[] {
  const variables = plan.variables.map(({ name, side, ids, description }) => {
    const where = side === "bridge" ? "in the bridge's environment" : "as a Worker secret (locally in .dev.vars)";
    const isSet = side === "bridge" && (environment(name) ?? "") !== "" ? "; it is set now" : "";
    return `set       ${name} ${where}, for ${ids.join(", ")}${description === undefined ? "" : ` (${description})`}${isSet}`;
  });
  return [...planNotes(plan, registry.path).map(({ kind, text }) => `${kind.padEnd(9)} ${text}`), ...variables];
}
