import { type ParseError, parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";

/** A server as another program's configuration declares it, not yet read. */
export interface FoundServer {
  name: string;
  /** Where it stands in the file, for messages: `mcpServers.github`. */
  place: string;
  /** The folder it was declared for, where the file holds several. */
  project: string | undefined;
  definition: unknown;
}

export interface FoundConfiguration {
  servers: FoundServer[];
  /** What `${input:…}` asks its user for (VS Code): id → description. */
  inputs: Map<string, string>;
}

interface Table {
  at: string;
  table: Record<string, unknown> | undefined;
  project?: string;
}

const Servers = z.record(z.string(), z.unknown()).optional().catch(undefined);

/**
 * Claude (`.mcp.json`, `~/.claude.json`, claude_desktop_config.json) and Cursor write `mcpServers`, VS Code `servers` and, in its
 * settings, `mcp.servers`, Codex `[mcp_servers.<name>]`. Told apart by what they hold, because people copy and rename them.
 */
const Document = z.looseObject({
  mcpServers: Servers,
  mcp_servers: Servers,
  servers: Servers,
  mcp: z.looseObject({ servers: Servers }).optional().catch(undefined),
  projects: z
    .record(z.string(), z.looseObject({ mcpServers: Servers }))
    .optional()
    .catch(undefined),
  inputs: z
    .array(z.looseObject({ id: z.string(), description: z.string().default("") }))
    .optional()
    .catch(undefined),
});

/** @throws OrchestratorError `invalid_input` when it is none of these */
export function findServers(text: string, path: string): FoundConfiguration {
  const document = Document.safeParse(path.endsWith(".toml") ? readToml(text, path) : readJson(text, path)).data;
  if (document === undefined) throw notOne(path);
  const { mcpServers, mcp_servers, servers, mcp, projects, inputs = [] } = document;
  const tables: Table[] = [
    { at: "mcpServers", table: mcpServers },
    { at: "mcp_servers", table: mcp_servers },
    { at: "servers", table: servers },
    { at: "mcp.servers", table: mcp?.servers },
    ...Object.entries(projects ?? {}).map(([project, held]) => ({
      at: `projects[${JSON.stringify(project)}].mcpServers`,
      table: held.mcpServers,
      project,
    })),
  ];
  if (tables.every(({ table }) => table === undefined)) throw notOne(path);
  const found = tables.flatMap(({ at, table = {}, project }) =>
    Object.entries(table).map(([name, definition]) => ({ name, place: `${at}.${name}`, project, definition })),
  );
  return { servers: found, inputs: new Map(inputs.map(({ id, description }) => [id, description])) };
}

/** All of these programs but Claude allow comments and trailing commas. */
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
    const words = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new OrchestratorError("invalid_input", `${path} is not TOML: ${words}`, { cause });
  }
}

function notOne(path: string): OrchestratorError {
  return new OrchestratorError(
    "invalid_input",
    `${path} holds no MCP servers. Understood are the files of Claude and Cursor (mcpServers), VS Code (servers) and Codex ([mcp_servers.<name>]).`,
  );
}
