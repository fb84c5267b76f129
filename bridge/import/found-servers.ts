import { type ParseError, parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";

/** A server as another program's configuration declares it, not yet parsed. */
export interface FoundServer {
  name: string;
  /** Its path in the file, for messages: `mcpServers.github`. */
  place: string;
  /** The project folder it was declared for, in a file with several projects. */
  project: string | undefined;
  definition: unknown;
}

export interface FoundConfiguration {
  servers: FoundServer[];
  /** VS Code's `inputs`, which `${input:…}` refers to: id → description. */
  inputs: Map<string, string>;
}

interface Table {
  at: string;
  table: Record<string, unknown> | undefined;
  project?: string;
}

/** Claude's API has a list of servers with names. */
const NamedServers = z
  .array(z.looseObject({ name: z.string() }))
  .min(1)
  .transform((servers) => Object.fromEntries(servers.map(({ name, ...definition }) => [name, definition])));
const Servers = z
  .union([z.record(z.string(), z.unknown()), NamedServers])
  .optional()
  .catch(undefined);
const Inputs = z
  .array(z.looseObject({ id: z.string(), description: z.string().default("") }))
  .optional()
  .catch(undefined);

/**
 * Claude (`.mcp.json`, `~/.claude.json`, claude_desktop_config.json), Cursor, Windsurf, Gemini and others write `mcpServers`, VS Code
 * `servers` and, in its settings, `mcp.servers`, Codex `[mcp_servers.<name>]`, Zed `context_servers`, opencode `mcp`. The format is recognised by the content, not by the file name, because
 * people copy and rename these files.
 */
const Document = z.looseObject({
  mcpServers: Servers,
  mcp_servers: Servers,
  servers: Servers,
  context_servers: Servers,
  "mcp.servers": Servers,
  "amp.mcpServers": Servers,
  mcp: z.looseObject({ servers: Servers, inputs: Inputs }).optional().catch(undefined),
  projects: z
    .record(z.string(), z.looseObject({ mcpServers: Servers }))
    .optional()
    .catch(undefined),
  inputs: Inputs,
});

/**
 * @param path as messages name it; if it ends with .toml, the text is TOML
 * @throws OrchestratorError `invalid_input` when the file cannot be parsed or holds none of these
 */
export function findServers(text: string, path: string): FoundConfiguration {
  return serversIn(path.endsWith(".toml") ? readToml(text, path) : readJson(text, path), path);
}

/** The same for a text from a page or a README, which may be only the inner part of such a file. */
export function findPastedServers(text: string): FoundConfiguration {
  const source = "The text";
  if (/^[ \t]*\[/m.test(text) && !/^\s*[[{]\s*["{\]}]/.test(text)) return serversIn(readToml(text, source), source);
  const document = readJson(/^\s*"/.test(text) ? `{${text}}` : text, source);
  return serversIn(BareServers.safeParse(document).success ? { mcpServers: document } : document, source);
}

/** Servers by their names, without the name that a program has for all of them. Each says how it is reached, in whichever words. */
const BareServers = z
  .record(
    z.string(),
    z.looseObject({}).refine((server) => ["command", "url", "httpUrl", "serverUrl"].some((name) => Object.hasOwn(server, name))),
  )
  .refine((servers) => Object.keys(servers).length > 0);

function serversIn(value: unknown, path: string): FoundConfiguration {
  const document = Document.safeParse(value).data;
  if (document === undefined) throw noServersIn(path);
  const { mcp, projects } = document;
  const inputs = [...(document.inputs ?? []), ...(mcp?.inputs ?? [])];
  const tables: Table[] = [
    ...(["mcpServers", "mcp_servers", "servers", "context_servers", "mcp.servers", "amp.mcpServers"] as const).map((at) => ({
      at,
      table: document[at],
    })),
    mcp?.servers === undefined ? { at: "mcp", table: opencodeServers(mcp) } : { at: "mcp.servers", table: mcp.servers },
    ...Object.entries(projects ?? {}).map(([project, settings]) => ({
      at: `projects[${JSON.stringify(project)}].mcpServers`,
      table: settings.mcpServers,
      project,
    })),
  ];
  if (tables.every(({ table }) => table === undefined)) throw noServersIn(path);
  const found = tables.flatMap(({ at, table = {}, project }) =>
    Object.entries(table).map(([name, definition]) => ({ name, place: `${at}.${name}`, project, definition })),
  );
  return { servers: found, inputs: new Map(inputs.map(({ id, description }) => [id, description])) };
}

/** opencode writes its servers directly in `mcp`, and each has a type of its own. */
function opencodeServers(mcp: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const isServer = (value: unknown) => z.looseObject({ type: z.enum(["local", "remote"]) }).safeParse(value).success;
  const servers = Object.entries(mcp ?? {}).filter(([, value]) => isServer(value));
  return servers.length === 0 ? undefined : Object.fromEntries(servers);
}

/** Comments and trailing commas are accepted: all of these programs but Claude allow them. */
function readJson(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const document: unknown = parseJsonc(text.replace(/^\ufeff/, ""), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return document;
  const line = text.slice(0, first.offset).split("\n").length;
  throw new OrchestratorError("invalid_input", `${path} is not JSON: see line ${line}.`);
}

function readToml(text: string, path: string): unknown {
  try {
    return parseToml(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new OrchestratorError("invalid_input", `${path} is not TOML: ${reason}`, { cause });
  }
}

function noServersIn(path: string): OrchestratorError {
  return new OrchestratorError(
    "invalid_input",
    `${path} declares no MCP servers. Import a file of Claude or Cursor (mcpServers; also Windsurf, Gemini and others), VS Code (servers), Codex ([mcp_servers.<name>]), Zed (context_servers) or opencode (mcp).`,
  );
}
