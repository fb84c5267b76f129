import { fingerprint } from "../json.ts";
import type { EntrySignature } from "../program/entry-signature.ts";
import { bytesOf, type SavedSource } from "./definition.ts";
import { examplesIn, fittingExamples, whyUnfit } from "./examples.ts";
import { pinsOf } from "./pins.ts";
import type { Programs } from "./programs.ts";
import { savedLimits } from "./saved-limits.ts";
import { type KnownTool, problemsText } from "./saved-server.ts";
import { type ScriptFiles, scriptsIn } from "./script-files.ts";

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
      ...{ name, allowedMcpIds, timeoutMs, given: nothingGiven, enabled: true, codeBytes: bytesOf(source) },
      ...{ revision: 1, createdAt: epoch, updatedAt: epoch, isScript: true as const },
    };
    if (reading.kind === "refused") {
      const unread = { description: "", inputSchema: { type: "object" }, examples: [], pins: {} };
      return { source, tool: { ...common, ...unread, stale: problemsText(reading.errors) }, unknown: [] };
    }
    const known = { ...wordsOf(reading.signature), pins: pinsOf(reading.used, reading.unknown) };
    return { source, tool: { ...common, ...known }, unknown: reading.unknown };
  }

  return {
    /** Takes over the files as they are now. Whether anything has changed. */
    async update(files: ScriptFiles): Promise<boolean> {
      const { sources } = scriptsIn(files);
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

function wordsOf({ description, inputSchema, outputSchema, tags }: EntrySignature) {
  const examples = examplesIn(tags);
  const unfit = whyUnfit(examples, inputSchema);
  return {
    ...{ description, inputSchema, outputSchema, examples: fittingExamples(examples, inputSchema) },
    ...(unfit === undefined ? {} : { warning: `${unfit} It is left out.` }),
  };
}

/** All that is known of a script, it says itself. */
const nothingGiven = { input: false, output: false, description: false, examples: false };

/** Files have no revisions of their own here. */
const epoch = new Date(0).toISOString();

/** The text after `@allow` or `@timeout` in a comment of the file. */
function tagOf(text: string, tag: string): string | undefined {
  // Not `^`, which is also after each carriage return: the rest of the file would be searched from there.
  const line = `(?<![^\\n])[^\\S\\n]*(?:/\\*\\*|\\*)(?:[^\\n]*?[^\\S\\n])?@${tag}[^\\S\\n]+([^*@\\n]+)`;
  return new RegExp(line).exec(text)?.[1]?.trim();
}
