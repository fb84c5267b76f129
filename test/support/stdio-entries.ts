import { fileURLToPath } from "node:url";
import { isStdioEntry, type StdioEntry } from "../../bridge/stdio/launch.ts";
import { FileEntry } from "../../core/registry/registry.ts";

/** A valid registry entry for a command. */
export function stdioEntry(
  mcp: { command: string; args?: string[]; env?: Record<string, string>; cwd?: string },
  id = "subject",
): StdioEntry {
  const entry = FileEntry.parse({ id, title: id, summary: id, mcp: { transport: "stdio", ...mcp } });
  if (!isStdioEntry(entry)) throw new Error("the entry did not parse as a stdio entry");
  return entry;
}

/** An entry for a server in test/servers. */
export function misbehaving(name: string, ...args: string[]): StdioEntry {
  return stdioEntry({
    command: process.execPath,
    args: [fileURLToPath(new URL(`../servers/${name}.mjs`, import.meta.url)), ...args],
  });
}
