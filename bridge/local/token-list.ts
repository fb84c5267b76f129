import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { fileRefusal } from "../../core/file-refusal.ts";

/** What AUTH_TOKENS says of one token. The Worker checks it again. */
export const TokenEntry = z.looseObject({
  name: z.string(),
  sha256: z.string(),
  scopes: z.array(z.string()),
  /** When it expires: a date, which is its midnight in UTC, or a time. */
  until: z.string().optional(),
});
export type TokenEntry = z.infer<typeof TokenEntry>;

/** The list that `npm start` on one port takes into AUTH_TOKENS at its start. It holds only hashes. */
export function tokenListOf(stateFolder: string): string {
  return join(stateFolder, "tokens.json");
}

/**
 * An empty list where there is no file.
 *
 * @throws OrchestratorError if the file is no list of tokens: a list that nobody can read must not let anybody in, or keep anybody out
 */
export async function readTokenList(path: string): Promise<TokenEntry[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "[]";
    const why = fileRefusal(error, path) ?? `The list of tokens ${path} cannot be read: ${String(error)}`;
    throw new OrchestratorError("invalid_input", why, { cause: error });
  });
  const entries = tokensIn(text);
  if (entries !== undefined) return entries;
  throw new OrchestratorError("invalid_input", `${path} is not a list of tokens. Correct it, or remove it to begin a new one.`);
}

/** The entries of a text such as AUTH_TOKENS; undefined if it is no list of tokens. */
export function tokensIn(text: string): TokenEntry[] | undefined {
  try {
    return z.array(TokenEntry).safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON. Whoever needs it says so.
    return undefined;
  }
}

/** Whoever reads the list meanwhile reads the old one or the new one. */
export async function writeTokenList(path: string, entries: readonly TokenEntry[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(entries, undefined, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, path);
}
