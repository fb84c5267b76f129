import { ownFileCandidates, relativeImports } from "../program/resolve-file.ts";
import type { SavedSource } from "./definition.ts";
import { whyNotNamed } from "./names.ts";

/** The text of each file of scripts/ by its path there. */
export type ScriptFiles = Readonly<Record<string, string>>;

export interface FoundScripts {
  /** The source of each script by its name. */
  sources: Map<string, SavedSource>;
  /** Files at the top that are no scripts, because no saved program can have their name. */
  leftOut: { path: string; reason: string }[];
}

/** Each file at the top is a script, with those that it imports; not one that begins with `_`, nor one of declarations. */
export function scriptsIn(files: ScriptFiles): FoundScripts {
  const found: FoundScripts = { sources: new Map(), leftOut: [] };
  for (const path of Object.keys(files).sort()) {
    const [, name = "", extension] = /^([^/_][^/]*)\.(m?[jt]s)$/.exec(path) ?? [];
    if (extension === undefined || name.endsWith(".d")) continue;
    const reason = whyNotNamed(name, found.sources.keys());
    if (reason !== undefined) found.leftOut.push({ path, reason });
    else {
      const language = extension.endsWith("js") ? "js" : "ts";
      found.sources.set(name, { files: withImports(files, path), entrypoint: path, language });
    }
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
