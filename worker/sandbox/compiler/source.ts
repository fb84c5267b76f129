import ts from "typescript";
import { limits } from "../../../core/limits.ts";

/** Parses a declaration. */
export function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
}

/**
 * A user's file, as a module whatever it contains, with what the compiler would not look into or would take too long over
 * replaced. No position moves.
 */
export function parseSource(name: string, text: string): ts.SourceFile {
  const file = parseModule(name, text);
  const edits = [...topLevelReturns(file), ...costlyTypes(file)];
  if (edits.length === 0) return file;
  const pieces: string[] = [];
  let done = 0;
  for (const { start, end, standIn } of edits.sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(done, start), standIn, text.slice(start + standIn.length, end).replace(/[^\r\n]/g, " "));
    done = end;
  }
  return parseModule(name, pieces.join("") + text.slice(done));
}

interface Edit {
  start: number;
  end: number;
  standIn: string;
}

/**
 * Outside of a function the compiler does not look into what is returned. An assignment as long as the keyword is looked
 * into.
 */
const returnStandIn = "_$   =";
export const returnTarget = "\ndeclare var _$: any;";

function topLevelReturns(file: ts.SourceFile): Edit[] {
  const found: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isReturnStatement(node)) {
      const start = node.getStart(file);
      found.push({ start, end: start + returnStandIn.length, standIn: node.expression === undefined ? "" : returnStandIn });
    } else ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * Types that compute, and those with very many parts. A few lines of them keep a compiler busy for as long as it lets
 * them; nothing of a program's run depends on them, so each becomes `any`.
 */
function costlyTypes(file: ts.SourceFile): Edit[] {
  const found: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isCostly(node)) found.push({ start: node.getStart(file), end: node.getEnd(), standIn: "any" });
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isCostly(node: ts.Node): boolean {
  if (ts.isUnionTypeNode(node)) return node.types.length > limits.checkedAlternativesMax;
  if (ts.isIntersectionTypeNode(node)) return node.types.length > limits.checkedIntersectionMax;
  return ts.isConditionalTypeNode(node) || ts.isMappedTypeNode(node) || ts.isTemplateLiteralTypeNode(node);
}

function parseModule(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(
    name,
    text,
    {
      languageVersion: ts.ScriptTarget.ESNext,
      // The mark that the compiler itself leaves on a file with an import or export.
      setExternalModuleIndicator: (file) => {
        Object.assign(file, { externalModuleIndicator: true });
      },
    },
    true,
  );
}
