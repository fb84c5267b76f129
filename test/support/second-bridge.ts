import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackgroundProcess, startBackground } from "./background-process.ts";
import { projectRoot } from "./project-root.ts";

/** A second bridge, whose server "notes" appends each call to the file `calls` in its folder. */
export async function startNotesBridge({ port, token }: { port: number; token: string }): Promise<BackgroundProcess> {
  const bridge = await startBackground({
    args: async (folder) => {
      const registry = join(folder, "registry.json");
      await writeFile(join(folder, "calls"), "");
      await writeFile(registry, JSON.stringify({ servers: [notes(join(folder, "calls"))] }));
      return ["bridge/main.mjs", "start", "--url", `http://127.0.0.1:${port}`, "--registry", registry];
    },
    env: () => ({ BRIDGE_TOKEN: token }),
  });
  await bridge.printed(/^tunnel +connected/m);
  return bridge;
}

const notes = (file: string) => ({
  id: "notes",
  title: "notes",
  summary: "The notes server.",
  mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/records.mjs"), file] },
});

/** The texts of the calls so far, in order. */
export async function notesWritten({ folder }: BackgroundProcess): Promise<string[]> {
  const lines = (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line).args.text);
}
