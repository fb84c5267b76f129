import { mkdir, readFile, writeFile } from "node:fs/promises";

/** Outside git: the texts belong to their authors. */
const folder = new URL("../.cache/neutral/", import.meta.url);

/** A file of a public repository, as text. It is fetched once and kept. `repository` is `owner/name`. */
export async function fetched({
  repository,
  commit,
  path,
}: {
  repository: string;
  commit: string;
  path: string;
}): Promise<string> {
  const file = new URL(path.split("/").at(-1) ?? path, folder);
  try {
    return await readFile(file, "utf8");
  } catch {
    const address = `https://raw.githubusercontent.com/${repository}/${commit}/${path}`;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
    const text = await answer.text();
    await mkdir(folder, { recursive: true });
    await writeFile(file, text);
    return text;
  }
}
