/* Where the files of a check lie, in a file system that is only names. */

export const libFolder = "/lib/";
/** Declarations of the clients a program imports, and of "runtime": `/clients/<module>.d.ts`. */
export const clientFolder = "/clients/";
/** The user's own files. */
export const sourceFolder = "/src/";

/** What the program may not bring: the names that stand for a client without an import. */
export const globalsName = "/globals.d.ts";
/** What is declared of the isolate, and what it has besides. */
export const isolateName = "/isolate.d.ts";
export const missingName = "/missing.d.ts";

export function specifierOf(clientFile: string): string {
  return clientFile.slice(clientFolder.length).replace(/\.d\.ts$/, "");
}
