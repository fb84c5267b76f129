import { variableName } from "../../core/registry/hidden-secrets.ts";

export interface ReferenceContext {
  /** The value of `${workspaceFolder}`. */
  folder: string;
  /** Called with each variable that a reference needs, and with VS Code's description of an input. */
  onVariable: (name: string, description: string | undefined) => void;
  inputs: ReadonlyMap<string, string>;
  /**
   * The variables that the entry itself sets: a program that reads `${NAME}` in its arguments, as mcp-remote does, means those. They
   * are not in the environment from which the registry fills in its references.
   */
  own: ReadonlySet<string>;
}

/** A reference that cannot be expressed in a registry entry, such as `${command:…}`. */
export class UnknownReference extends Error {
  override readonly name = "UnknownReference";
}

/**
 * Rewrites references to `${env:NAME}`, or to the path they stand for: Claude's `${NAME}`, `${NAME:-default}` and
 * `${CLAUDE_PROJECT_DIR}`, VS Code's and Cursor's `${env:NAME}`, `${input:id}`, `${userHome}` and `${workspaceFolder}`, Gemini's
 * `$NAME`, opencode's `{env:NAME}`.
 *
 * @throws UnknownReference
 */
export function translateReferences(text: string, context: ReferenceContext): string {
  const written = text
    .replace(
      /^((?:Bearer|Basic|Token)\s+)?\$([A-Za-z_]\w*)$/i,
      (_whole, scheme: string | undefined, name: string) => `${scheme ?? ""}\${${name}}`,
    )
    .replace(/(?<!\$)\{(env|file):([^}]*)\}/g, (_whole, kind: string, name: string) => `\${${kind}:${name}}`);
  return written.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    if (context.own.has(inside)) return whole;
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
