import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";

/** A secret that is made once and kept beside what it is for: `NAME=value`, in a file that only its owner can read. */
export async function keepSecret(path: string, name: string): Promise<string> {
  const kept = parseEnv(await readFile(path, "utf8").catch(noFile))[name];
  if (kept) return kept;
  const made = randomBytes(32).toString("base64url");
  await writeFile(path, `${name}=${made}\n`, { mode: 0o600 });
  return made;
}

function noFile(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
  throw error;
}
