import { type ParseError, parse } from "jsonc-parser";

/** Whether a registry's text can be read as a whole, broken entries and comments aside: what it means is certain. */
export function isWholeRegistry(fileText: string): boolean {
  const errors: ParseError[] = [];
  const document: unknown = parse(fileText.replace(/^\ufeff/, ""), errors, { allowTrailingComma: false });
  if (errors.length > 0 || typeof document !== "object" || document === null) return false;
  const isKnown = (key: string) => key === "servers" || key === "$schema";
  return "servers" in document && Array.isArray(document.servers) && Object.keys(document).every(isKnown);
}
