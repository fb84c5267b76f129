import ts from "typescript";
import { checkLimits } from "./check-limits.ts";

/** Parses a declaration file. */
export function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
}

/**
 * Parses a user's file as a module, whatever it contains. Replaces code that the compiler would not check or would take too long
 * for, without moving any position.
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

/** The compiler does not check a top-level `return`. It does check this assignment, which is as long as the keyword. */
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
 * Computed types and types with very many members become `any`, those of texts `string`. A few lines of them can keep the compiler busy indefinitely, and
 * types do not affect how the program runs.
 */
function costlyTypes(file: ts.SourceFile): Edit[] {
  const found: Edit[] = [];
  const visit = (node: ts.Node): void => {
    const standIn = ts.isTemplateLiteralTypeNode(node) ? "string" : "any";
    if (isCostly(node)) found.push({ start: node.getStart(file), end: node.getEnd(), standIn });
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isCostly(node: ts.Node): boolean {
  if (ts.isUnionTypeNode(node)) return node.types.length > checkLimits.checkedAlternativesMax;
  if (ts.isIntersectionTypeNode(node)) return node.types.length > checkLimits.checkedIntersectionMax;
  return ts.isConditionalTypeNode(node) || ts.isMappedTypeNode(node) || ts.isTemplateLiteralTypeNode(node);
}

function parseModule(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(
    name,
    text,
    {
      languageVersion: ts.ScriptTarget.ESNext,
      // The compiler sets this property itself on files with an import or export.
      setExternalModuleIndicator: (file) => {
        Object.assign(file, { externalModuleIndicator: true });
      },
    },
    true,
  );
}
