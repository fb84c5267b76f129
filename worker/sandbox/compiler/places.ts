/* The paths of files in the compiler's virtual file system. */

export const libFolder = "/lib/";
/** Declarations of the clients a program imports, and of "runtime": `/clients/<module>.d.ts`. */
export const clientFolder = "/clients/";
/** The user's own files. */
export const sourceFolder = "/src/";

/** Declares the clients that a program can use without an import. */
export const globalsName = "/globals.d.ts";
/** The isolate's globals: those with types from globals.d.ts, and all others. */
export const isolateName = "/isolate.d.ts";
export const missingName = "/missing.d.ts";

export function specifierOf(clientFile: string): string {
  return clientFile.slice(clientFolder.length).replace(/\.d\.ts$/, "");
}
