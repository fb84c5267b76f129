import ts from "typescript";
import { closestTo, isMisspelling } from "../../../core/closest.ts";
import { isClientFile } from "./origin.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Finds calls by name, `client.$call("get-sum", …)` and `client.$raw(…)`, of a tool that the client does not have. The
 * compiler cannot, because the parameter is declared as a string.
 *
 * A tool may appear while the program runs, because another call adds it. So in a program that calls the server otherwise too, only
 * what must be a misspelling is found; the gate refuses the rest, if it is still unknown then.
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
    const { text: name } = wireName;
    if (client === undefined || tools === undefined || tools.includes(name) || isFunctionOf(client, name)) return undefined;
    if (!isTypo(name, tools) && callsOtherwise(client, call)) return undefined;
    return { suggestions: closestTo(name, tools), unknownTool: { file: client.fileName, name }, at: wireName };
  }

  function isFunctionOf(client: ts.SourceFile, name: string): boolean {
    const symbol = checker.getSymbolAtLocation(client);
    return symbol?.exports?.has(ts.escapeLeadingUnderscores(name)) === true && !name.startsWith("$");
  }

  /** Whether the file has another call of the client. */
  function callsOtherwise(client: ts.SourceFile, except: ts.CallExpression): boolean {
    const isOther = (node: ts.Node): boolean => {
      const isCall = ts.isCallExpression(node) && node !== except;
      if (isCall && checker.getResolvedSignature(node)?.getDeclaration()?.getSourceFile() === client) return true;
      return ts.forEachChild(node, (child) => isOther(child) || undefined) === true;
    };
    return isOther(file);
  }
}

/** Names that differ in their last character, such as page-1 and page-2, are different names. */
function isTypo(name: string, tools: readonly string[]): boolean {
  return tools.some((tool) => tool.at(-1)?.toLowerCase() === name.at(-1)?.toLowerCase() && isMisspelling(name, [tool]));
}
