import ts from "typescript";
import { closestTo } from "../../../core/closest.ts";
import { isClientFile } from "./origin.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Finds calls by wire name, `client.$call("get-sum", …)` and `client.$raw(…)`, of a tool that the client does not have. The
 * compiler cannot, because the parameter is declared as a string.
 */
export function unknownWireNames(
  checker: ts.TypeChecker,
  file: ts.SourceFile,
  toolsOf: (clientFile: string) => readonly string[] | undefined,
): (Verdict & { at: ts.Node })[] {
  if (!/\$(?:call|raw)\b/.test(file.text)) return [];
  const found: (Verdict & { at: ts.Node })[] = [];
  const visit = (node: ts.Node): void => {
    const verdict = ts.isCallExpression(node) ? unknownIn(node) : undefined;
    if (verdict) found.push(verdict);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;

  function unknownIn(call: ts.CallExpression): (Verdict & { at: ts.Node }) | undefined {
    const [wireName] = call.arguments;
    if (wireName === undefined || !ts.isStringLiteralLike(wireName)) return undefined;
    const declaration = checker.getResolvedSignature(call)?.getDeclaration();
    const client = declaration?.getSourceFile();
    const isByName =
      declaration && ts.isFunctionDeclaration(declaration) && /^\$(?:call|raw)$/.test(declaration.name?.text ?? "");
    const tools = client && isByName && isClientFile(client) ? toolsOf(client.fileName) : undefined;
    if (client === undefined || tools === undefined || tools.includes(wireName.text)) return undefined;
    const { text: name } = wireName;
    return { suggestions: closestTo(name, tools), unknownTool: { file: client.fileName, name }, at: wireName };
  }
}
