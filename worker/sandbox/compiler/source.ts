import ts from "typescript";
import { costlyTypes, type TypeUse } from "./costly-types.ts";

/** Parses a declaration file. */
export function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
}

/**
 * Parses a user's file as a module, whatever it contains. Replaces code that the compiler would not check or would take too long
 * for, without moving any position.
 */
export function parseSource(name: string, text: string, use: TypeUse): ts.SourceFile {
  const file = parseModule(name, text);
  const costly = costlyTypes(file, use).map(({ node, standIn }) => ({ start: node.getStart(file), end: node.getEnd(), standIn }));
  const edits = [...topLevelReturns(file), ...costly];
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
export const returnName = "_$";
export const returnTarget = `\ndeclare var ${returnName}: any;`;

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
