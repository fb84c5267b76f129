import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";

/** Reads the secret `NAME=value` from this file, or generates it once and stores it there, readable by the owner alone. */
export async function keepSecret(path: string, name: string): Promise<string> {
  const kept = parseEnv(await readFile(path, "utf8").catch(emptyIfMissing))[name];
  if (kept) return kept;
  const generated = randomBytes(32).toString("base64url");
  await writeFile(path, `${name}=${generated}\n`, { mode: 0o600 });
  return generated;
}

function emptyIfMissing(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
  throw error;
}
