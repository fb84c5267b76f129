import { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import { FileEntry } from "../../core/registry/registry.ts";

/* Valid values with only those fields that a test names. */

type EntryFields = Partial<Omit<FileEntry, "id">>;

/** A valid registry entry, as parsed. */
export function serverEntry(id: string, fields: EntryFields = {}): FileEntry {
  return FileEntry.parse({
    id,
    title: id,
    summary: `The ${id} server.`,
    mcp: { transport: "stdio", command: `${id}-mcp` },
    ...fields,
  });
}

/** A valid tool, as listed. */
export function tool(name: string, fields: Partial<Omit<Tool, "name">> = {}): Tool {
  return Tool.parse({ name, ...fields });
}

/** The text of a registry file with these entries, completed to be valid. */
export function registryText(...entries: ({ id: string } & Record<string, unknown>)[]): string {
  const servers = entries.map((entry) => ({
    title: entry.id,
    summary: `The ${entry.id} server.`,
    mcp: { transport: "stdio", command: `${entry.id}-mcp` },
    ...entry,
  }));
  return JSON.stringify({ servers }, null, 2);
}

export function textResult(...texts: string[]): CallToolResult {
  return { content: texts.map((text) => ({ type: "text", text })) };
}

export function errorResult(text: string): CallToolResult {
  return { ...textResult(text), isError: true };
}
