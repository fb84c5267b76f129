import { variableName } from "./secrets.ts";

export interface ReferenceContext {
  /** What `${workspaceFolder}` is. */
  folder: string;
  /** Told each variable a reference needs, and what VS Code would have asked for it. */
  onVariable: (name: string, description: string | undefined) => void;
  inputs: ReadonlyMap<string, string>;
}

/** A reference that has no counterpart here, such as `${command:…}`. */
export class UnknownReference extends Error {
  override readonly name = "UnknownReference";
}

/**
 * Rewrites the references of all these programs to `${env:NAME}`: Claude's `${NAME}`, `${NAME:-default}` and its project's folder, VS Code's and
 * Cursor's `${env:NAME}`, `${input:id}`, `${userHome}` and `${workspaceFolder}`.
 *
 * @throws UnknownReference
 */
export function translateReferences(text: string, context: ReferenceContext): string {
  return text.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    if (inside === "workspaceFolder" || /^CLAUDE_PROJECT_DIR(?::-.*)?$/.test(inside)) return context.folder;
    if (inside === "workspaceFolderBasename") return context.folder.split("/").at(-1) ?? "";
    if (inside === "pathSeparator" || inside === "/") return "/";
    if (inside === "userHome") return "${env:HOME}";
    const [, kind, name = "", fallback] = /^(?:(env|input):)?([A-Za-z_][\w.-]*)(:-[^}]*)?$/.exec(inside) ?? [];
    if (name === "" || (kind !== "input" && !/^\w+$/.test(name))) throw new UnknownReference(whole);
    const variable = kind === "input" ? variableName(name) : name;
    if (fallback === undefined) context.onVariable(variable, context.inputs.get(name));
    return `\${env:${variable}${fallback ?? ""}}`;
  });
}
