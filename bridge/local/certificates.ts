import { readFile } from "node:fs/promises";

/** The certificates that the user's environment adds, as PEM texts: workerd knows only those of browsers. */
export async function extraCertificates(files: readonly (string | undefined)[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of new Set(files)) {
    if (file === undefined || file === "") continue;
    // A missing file is no reason not to start: Node only warns of it, too.
    const pem = await readFile(file, "utf8").catch(() => "");
    found.push(...(pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []));
  }
  return [...new Set(found)];
}
