import type ts from "typescript";
import type { TypeCheckInput } from "../../../core/program/type-checker.ts";
import { clientFolder, libFolder, sourceFolder } from "./places.ts";

/** The compiler host, with all files in memory. */
export function hostOf(
  files: ReadonlyMap<string, ts.SourceFile>,
  { sources, types, links }: Pick<TypeCheckInput, "sources" | "types" | "links">,
): ts.CompilerHost {
  return {
    getSourceFile: (name) => files.get(name),
    fileExists: (name) => files.has(name),
    readFile: (name) => files.get(name)?.text,
    getDefaultLibFileName: () => `${libFolder}lib.d.ts`,
    getDefaultLibLocation: () => libFolder,
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile() {},
    // A module without a declaration stays unresolved, so that all its exports are `any`.
    resolveModuleNameLiterals: (literals, importer) =>
      literals.map(({ text }) => {
        const target = links[importer.slice(sourceFolder.length)]?.[text] ?? text;
        const isOwn = Object.hasOwn(sources, target) || Object.hasOwn(types, target);
        const name = isOwn ? sourceFolder + target : `${clientFolder}${target}.d.ts`;
        const resolvedModule = files.has(name) ? { resolvedFileName: name, extension: extensionOf(name) } : undefined;
        return { resolvedModule };
      }),
  };
}

function extensionOf(name: string): string {
  return name.endsWith(".d.ts") ? ".d.ts" : name.slice(name.lastIndexOf("."));
}
