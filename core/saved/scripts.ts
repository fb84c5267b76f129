import { fingerprint } from "../json.ts";
import { ownFileCandidates, relativeImports } from "../program/resolve-file.ts";
import { examplesIn } from "./changes.ts";
import { bytesOf, type SavedSource } from "./definition.ts";
import { whyNotNamed } from "./names.ts";
import { pinsOf } from "./pins.ts";
import type { Programs } from "./programs.ts";
import { savedLimits } from "./saved-limits.ts";
import { type KnownTool, problemsText } from "./saved-server.ts";

/** The text of each file of scripts/ by its path there. */
export type ScriptFiles = Readonly<Record<string, string>>;

export interface Script {
  tool: KnownTool;
  source: SavedSource;
  /** Servers that it was not checked against, because their tools were not known. */
  unknown: readonly string[];
}

/**
 * The saved programs that are files beside the registry. Each is read again only when one of its files has changed, or when tools that it
 * uses have become known: no server is started for reading it.
 */
export function createScripts(programs: () => Programs) {
  const kept = new Map<string, { mark: string; script: Script }>();

  async function read(name: string, source: SavedSource): Promise<Script> {
    const main = source.files?.[source.entrypoint ?? ""] ?? "";
    const allowedMcpIds = tagOf(main, "allow")
      ?.split(/[\s,]+/)
      .filter((id) => id !== "");
    const program = { name, source, allowedMcpIds };
    const reading = await programs().read(program, { input: true, output: true }, { connects: false });
    const wantedMs = Number(tagOf(main, "timeout") ?? savedLimits.timeoutMs);
    const timeoutMs = Math.min(Math.max(wantedMs || savedLimits.timeoutMs, savedLimits.timeoutMsMin), savedLimits.timeoutMsMax);
    const common = {
      ...{ name, allowedMcpIds, timeoutMs, given: { input: false, output: false }, enabled: true, codeBytes: bytesOf(source) },
      ...{ revision: 1, createdAt: epoch, updatedAt: epoch, isScript: true as const },
    };
    if (reading.kind === "refused") {
      const unread = { description: "", inputSchema: { type: "object" }, examples: [], pins: {} };
      return { source, tool: { ...common, ...unread, stale: problemsText(reading.errors) }, unknown: [] };
    }
    const { description, inputSchema, outputSchema, tags } = reading.signature;
    const known = {
      description,
      inputSchema,
      outputSchema,
      examples: examplesIn(tags),
      pins: pinsOf(reading.used, reading.unknown),
    };
    return { source, tool: { ...common, ...known }, unknown: reading.unknown };
  }

  return {
    /** Takes over the files as they are now. Whether anything has changed. */
    async update(files: ScriptFiles): Promise<boolean> {
      const sources = sourcesIn(files);
      let hasChanged = false;
      for (const name of [...kept.keys()]) {
        if (sources.has(name)) continue;
        kept.delete(name);
        hasChanged = true;
      }
      for (const [name, source] of sources) {
        const mark = fingerprint(source);
        const before = kept.get(name);
        const isKnownNow = before?.script.unknown.some((id) => programs().knownTools(id) !== undefined);
        if (before?.mark === mark && !isKnownNow) continue;
        const script = await read(name, source);
        // What it says of itself is known already, and whether it fits is what drift is about.
        const isStale = isKnownNow && before?.mark === mark && script.tool.stale !== undefined;
        kept.set(name, { mark, script: isStale ? { ...before.script, unknown: [] } : script });
        hasChanged = true;
      }
      return hasChanged;
    },
    all: (): Script[] => [...kept.values()].map(({ script }) => script),
    find: (name: string): Script | undefined => kept.get(name)?.script,
  };
}

/** Files have no revisions of their own here. */
const epoch = new Date(0).toISOString();

/** Each file at the top is a script, with those that it imports; a name that no saved program can have is left out. */
function sourcesIn(files: ScriptFiles): Map<string, SavedSource> {
  const found = new Map<string, SavedSource>();
  for (const path of Object.keys(files).sort()) {
    const [, name = "", extension] = /^([^/_][^/]*)\.(m?[jt]s)$/.exec(path) ?? [];
    if (extension === undefined || whyNotNamed(name, found.keys()) !== undefined) continue;
    found.set(name, { files: withImports(files, path), entrypoint: path, language: extension.endsWith("js") ? "js" : "ts" });
  }
  return found;
}

function withImports(files: ScriptFiles, entry: string): Record<string, string> {
  const gathered = new Map([[entry, files[entry] ?? ""]]);
  for (const [importer, text] of gathered) {
    for (const specifier of relativeImports(text)) {
      const target = ownFileCandidates(importer, specifier).find((candidate) => Object.hasOwn(files, candidate));
      if (target !== undefined) gathered.set(target, files[target] ?? "");
    }
  }
  return Object.fromEntries(gathered);
}

/** The text after `@allow` or `@timeout` in a comment of the file. */
function tagOf(text: string, tag: string): string | undefined {
  return new RegExp(`^\\s*(?:/\\*\\*|\\*)\\s*@${tag}\\s+([^*\\n]+)`, "m").exec(text)?.[1]?.trim();
}
