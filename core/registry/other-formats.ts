import { isRecord } from "../json.ts";

/*
 * What people bring from other programs' configurations into a registry entry. What can only mean one thing is understood, with a
 * note that says how it is written here; an entry that is another program's altogether is answered with how it would look here.
 */

/** A remark on a field that was understood; `path` is within the entry. */
interface Note {
  path: string;
  message: string;
}

const importHint = "turn it into entries with: npm run bridge -- import <file>";

/** What to do with a file whose servers stand where other programs look for them; undefined if it is not one. */
export function otherFormat(document: unknown): string | undefined {
  if (!isRecord(document)) return undefined;
  if (isRecord(document.mcpServers)) return `mcpServers is how Claude, Cursor and others write servers; ${importHint}`;
  if (isRecord(document.context_servers)) return `context_servers is how Zed writes servers; ${importHint}`;
  if (isRecord(document.servers))
    return `servers is a list here, { "servers": [ … ] }; this is how VS Code writes servers; ${importHint}`;
  return undefined;
}

/** Whether an entry is switched off, in which case nothing else in it matters. */
export function isDisabled(entry: unknown): boolean {
  return isRecord(entry) && (entry.disabled === true || entry.enabled === false);
}

/** How an entry of Claude, Cursor or VS Code would be written here; undefined if it is not one. */
export function foreignEntry(entry: unknown): string | undefined {
  if (!isRecord(entry) || "mcp" in entry || !(typeof entry.command === "string" || typeof entry.url === "string"))
    return undefined;
  const mcp =
    typeof entry.command === "string"
      ? `{ "transport": "stdio", "command": ${JSON.stringify(shortened(entry.command))}, "args": [ … ], "env": { … } }`
      : `{ "transport": "http", "url": "…", "headers": { … } }`;
  const id = typeof entry.id === "string" ? entry.id : typeof entry.name === "string" ? entry.name : "…";
  return `this is how Claude and others write a server; here it is { "id": ${JSON.stringify(shortened(id))}, "title": "…", "summary": "…", "mcp": ${mcp} }. A whole file of theirs: npm run bridge -- import <file>`;
}

/** The entry with its foreign fields in the places where they belong here. */
export function understood(entry: unknown): { candidate: unknown; notes: Note[] } {
  if (!isRecord(entry)) return { candidate: entry, notes: [] };
  // What is neither on nor off is left for the schema to refuse.
  const fields = Object.fromEntries(
    Object.entries(entry).filter(([name, value]) => !(["disabled", "enabled"].includes(name) && typeof value === "boolean")),
  );
  const notes: Note[] = [];
  const candidate = withHeader(withAlwaysAllow(withTransport(fields, notes)));
  return { candidate, notes };
}

const transports: Readonly<Record<string, string>> = {
  http: "http",
  https: "http",
  streamable: "http",
  streamablehttp: "http",
  sse: "sse",
  stdio: "stdio",
  local: "stdio",
};

function withTransport(entry: Record<string, unknown>, notes: Note[]): Record<string, unknown> {
  if (!isRecord(entry.mcp)) return entry;
  const { type, ...mcp } = entry.mcp;
  const written = mcp.transport ?? type ?? guessed(mcp);
  if (typeof written !== "string") return entry;
  const transport = transports[written.toLowerCase().replace(/[^a-z]/g, "")] ?? written;
  if (transport !== mcp.transport) {
    const place = mcp.transport !== undefined ? "mcp.transport" : type !== undefined ? "mcp.type" : "mcp";
    notes.push({ path: place, message: `understood; write "transport": ${JSON.stringify(shortened(transport))}` });
  }
  return { ...entry, mcp: { ...mcp, transport } };
}

function guessed(mcp: Record<string, unknown>): string | undefined {
  if (typeof mcp.command === "string") return "stdio";
  return typeof mcp.url === "string" ? "http" : undefined;
}

/** Roo, Cline and others write `alwaysAllow` or `autoApprove` beside the command. */
function withAlwaysAllow(entry: Record<string, unknown>): Record<string, unknown> {
  const { alwaysAllow, autoApprove, ...rest } = entry;
  const own: Record<string, unknown> = isRecord(rest.mcp) ? rest.mcp : {};
  const { alwaysAllow: within, autoApprove: withinToo, ...mcp } = own;
  const names = alwaysAllow ?? autoApprove ?? within ?? withinToo;
  if (names === undefined) return entry;
  const tools = isRecord(rest.tools) ? rest.tools : {};
  return { ...rest, ...(isRecord(rest.mcp) && { mcp }), tools: { alwaysAllow: names, ...tools } };
}

/** Claude's API writes the bearer token of a remote server as `authorization_token`. */
function withHeader(entry: Record<string, unknown>): Record<string, unknown> {
  const { authorization_token: beside, ...rest } = entry;
  if (!isRecord(rest.mcp)) return entry;
  const { authorization_token: within, ...mcp } = rest.mcp;
  const token = within ?? beside;
  if (typeof token !== "string") return entry;
  const headers = isRecord(mcp.headers) ? mcp.headers : {};
  return { ...rest, mcp: { ...mcp, headers: { Authorization: `Bearer ${token.replace(/^Bearer\s+/i, "")}`, ...headers } } };
}

function shortened(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
