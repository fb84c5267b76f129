import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import { closestTo } from "../closest.ts";
import { isRecord } from "../json.ts";
import { toIdentifier } from "./identifiers.ts";
import { findLiteralSecrets, hasLiteralSecret } from "./interpolation.ts";
import { foreignEntry, isDisabled, otherFormat, understood } from "./other-formats.ts";
import { reservedReferences } from "./reserved-references.ts";
import { syntaxHints } from "./syntax-hints.ts";
import { ToolRules } from "./tool-rules.ts";
import {
  type BridgeTransport,
  type BuiltInTransport,
  HttpTransport,
  type RemoteTransport,
  SseTransport,
  StdioTransport,
} from "./transports.ts";

/** The path of the registry file, as messages name it. */
export const registryPath = "skills/mcp-dynamic-orchestrator/mcp.registry.json";

/** The servers that the orchestrator is itself. */
export const builtInIds = ["dynamic", "saved", "sandbox", "system"] as const;
export type BuiltInId = (typeof builtInIds)[number];

/** Ids that the orchestrator serves itself; a server with one of them could not be reached. */
export const reservedIds = ["runtime", ...builtInIds] as const;

export const Visibility = z.enum(["default", "opt_in", "experimental"]);
export type Visibility = z.infer<typeof Visibility>;

const Sensitivity = z.enum(["low", "medium", "high"]);
export type Sensitivity = z.infer<typeof Sensitivity>;

const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "an id is 1 to 64 letters, digits, - and _, starting with a letter or digit")
  .refine((value) => !reservedIds.some((reserved) => reserved === value), "this id is served by the orchestrator itself")
  .describe("The server's name in code: import it as mcp-clients/<id>.");

const OauthClient = z
  .strictObject({
    clientId: z.string().min(1).describe("Known to the authorization server. ${env:NAME} is resolved from the Worker's secrets."),
    clientSecret: z.string().min(1).optional().describe("Write ${env:NAME}, which is resolved from the Worker's secrets."),
    scopes: z.array(z.string()).optional().describe("Asked for instead of those that the server names."),
    issuer: z.string().optional().describe("The only authorization server that gets the secret."),
  })
  .describe("With auth oauth: a client registered by hand, for authorization servers where clients do not register themselves.");

const positive = z.number().int().positive();

/** An entry of the registry file. */
export const FileEntry = z.strictObject({
  id,
  title: z.string().min(1).max(80),
  summary: z.string().min(1).max(400).describe("What it is for, in the words of someone who needs it: search reads this."),
  mcp: z.discriminatedUnion("transport", [StdioTransport, HttpTransport, SseTransport]),
  domains: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
  examples: z.array(z.string()).default([]).describe("Tasks this server is good for, each one sentence."),
  sensitivity: Sensitivity.default("medium").describe("high: runs only when a program's allowedMcpIds names it."),
  visibility: Visibility.default("default").describe("opt_in and experimental are listed and loaded only when asked for."),
  priority: z.number().int().min(1).max(10).default(5).describe("Breaks ties between equally good matches."),
  stateful: z
    .boolean()
    .default(false)
    .describe(
      "It holds something between calls, such as an open browser. Never stopped when idle; if it is lost, the next call fails and says so.",
    ),
  autoDiscoverTools: z
    .boolean()
    .default(true)
    .describe("Fetch a default server's tools in the background when it becomes reachable."),
  limits: z
    .strictObject({
      timeoutMs: positive.optional(),
      startTimeoutMs: positive
        .optional()
        .describe("Time for a stdio server to answer after its start: 60 s, and 180 s for npx, uvx, docker and the like."),
      callsPerRun: positive.optional(),
      callsPerMinute: positive.optional(),
      concurrency: positive.optional(),
    })
    .default({}),
  tools: ToolRules.default({}),
  pin: z
    .enum(["off", "first", "strict"])
    .default("first")
    .describe(
      "A tool that changed is not called until a person accepts it. first: tools are accepted when first seen; strict: never unasked.",
    ),
  auth: z
    .enum(["none", "oauth"])
    .default("none")
    .describe("oauth: people log in to it in their browser, at an address that the agent shows them."),
  oauth: OauthClient.optional(),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** An entry as a person writes it. */
const WrittenEntry = FileEntry.extend({
  disabled: z.boolean().optional().describe("true: as if the entry were not there."),
});

export const RegistryFile = z.strictObject({
  $schema: z.string().optional(),
  servers: z.array(WrittenEntry),
});

/** A server as a session knows it: from a registry file, or, which no file can say, advertised by a bridge or built in. */
export type ServerEntry = Omit<FileEntry, "mcp"> & { mcp: FileEntry["mcp"] | BridgeTransport | BuiltInTransport };

/** A problem in the file: where (`servers[2].mcp.command`, or line:column), what is wrong, and what would be right. */
export interface RegistryProblem {
  path: string;
  message: string;
}

/** The file of a registry, as messages name it. */
export function sourceOf({ source }: Pick<Registry, "source">): string {
  return source ?? registryPath;
}

export interface Registry<Entry extends ServerEntry = ServerEntry> {
  servers: Entry[];
  /** Problems of entries that are left out; all other entries work. */
  problems: RegistryProblem[];
  /** Problems of entries that work, and should be changed all the same. */
  warnings: RegistryProblem[];
  /** The file that was read, as messages name it. Left out: the project's own. */
  source?: string | undefined;
  /** The files of scripts/ beside it, by their path there: saved programs that are read-only in the server. */
  scripts?: Readonly<Record<string, string>> | undefined;
}

/**
 * Parses a registry file. Never throws: a broken entry is left out, a wrong comma does no harm, and all problems are reported at
 * once.
 */
export function parseRegistry(fileText: string): Registry<FileEntry> {
  // Some editors on Windows write a byte order mark at the start of a file.
  const text = fileText.replace(/^\ufeff/, "");
  const syntax: ParseError[] = [];
  const document: unknown = parse(text, syntax, { allowTrailingComma: false, disallowComments: true });
  // One wrong comma is reported as two errors at the same offset; the first one says what to do.
  const problems = syntax
    .filter((error, index) => error.offset !== syntax[index - 1]?.offset)
    .map((error) => describeSyntaxError(text, error));

  if (!isRecord(document) || !Array.isArray(document.servers)) {
    problems.push({ path: "servers", message: otherFormat(document) ?? 'expected { "servers": [ … ] } at the top of the file' });
    return { servers: [], problems, warnings: [] };
  }
  for (const key of Object.keys(document)) {
    if (key !== "servers" && key !== "$schema") {
      problems.push({
        path: key,
        message: `unknown field; ${otherFormat({ [key]: document[key] }) ?? "the file has $schema and servers"}`,
      });
    }
  }

  const servers: FileEntry[] = [];
  const warnings: RegistryProblem[] = [];
  for (const [index, written] of document.servers.entries()) {
    const path = `servers[${index}]`;
    if (isDisabled(written)) continue;
    const { candidate, notes } = understood(written);
    warnings.push(...notes.map((note) => ({ path: `${path}.${note.path}`, message: note.message })));
    const foreign = foreignEntry(candidate);
    if (foreign !== undefined) {
      problems.push({ path, message: foreign });
      continue;
    }
    const parsed = FileEntry.safeParse(candidate);
    if (!parsed.success) {
      problems.push(...parsed.error.issues.flatMap((issue) => describeIssue(path, issue, candidate)));
      continue;
    }
    const clash = servers.find((other) => toIdentifier(other.id) === toIdentifier(parsed.data.id));
    if (clash) {
      problems.push({
        path: `${path}.id`,
        message: `"${parsed.data.id}" is the same name in code as "${clash.id}"; give it another id`,
      });
      continue;
    }
    const reserved = reservedReferences(path, parsed.data);
    if (reserved.length > 0) {
      problems.push(...reserved);
      continue;
    }
    servers.push(parsed.data);
    warnings.push(...secretWarnings(path, parsed.data));
  }
  return { servers, problems, warnings };
}

/** Whether a program may use a server without naming it in `allowedMcpIds`. */
export function isAllowedByDefault(server: Pick<ServerEntry, "visibility" | "sensitivity">): boolean {
  return server.visibility === "default" && server.sensitivity !== "high";
}

/** The address of a server that the Worker calls itself; undefined for one that only a bridge can reach. */
export function remoteTransportOf({ mcp }: Pick<ServerEntry, "mcp">): RemoteTransport | undefined {
  switch (mcp.transport) {
    case "http":
    case "sse":
      return mcp;
    case "stdio":
    case "bridge":
    case "built_in":
      return undefined;
  }
}

/** Whether a server is part of the orchestrator, and not one that somebody registered. */
export function isBuiltIn({ mcp }: Pick<ServerEntry, "mcp">): boolean {
  return mcp.transport === "built_in";
}

/** Whether a server is reached through a bridge, because it is a process on the bridge's machine. */
export function isReachedByBridge(server: Pick<ServerEntry, "mcp">): boolean {
  return remoteTransportOf(server) === undefined && !isBuiltIn(server);
}

function describeSyntaxError(text: string, error: ParseError): RegistryProblem {
  const before = text.slice(0, error.offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  if (text.trim() === "") return { path: "1:1", message: 'the file is empty; it should be { "servers": [ … ] }' };
  const what = printParseErrorCode(error.error);
  const hint = syntaxHints[what] ?? what;
  return { path: `${before.length}:${column}`, message: hint };
}

function describeIssue(base: string, issue: z.core.$ZodIssue, candidate: unknown): RegistryProblem[] {
  const path = issue.path.reduce<string>(
    (joined, step) => (typeof step === "number" ? `${joined}[${step}]` : `${joined}.${String(step)}`),
    base,
  );
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: `${path}.${key}`, message: unknownField(key, path === base) }));
  }
  if (path.endsWith(".mcp.transport")) return [{ path, message: 'is "stdio", "http" (Streamable HTTP) or "sse"' }];
  const value = issue.path.reduce<unknown>((inner, step) => Reflect.get(Object(inner), step), candidate);
  if (issue.code === "invalid_type" && value === undefined)
    return [{ path, message: `is missing; write ${kinds[issue.expected] ?? `a ${issue.expected}`}` }];
  return [{ path, message: issue.message }];
}

const kinds: Readonly<Record<string, string>> = { array: "a list", object: "an object" };

/** @param isOfEntry it stands directly in the entry, whose fields are known; the others depend on the transport */
function unknownField(key: string, isOfEntry: boolean): string {
  const closest = isOfEntry ? closestTo(key, Object.keys(WrittenEntry.shape), 1)[0] : undefined;
  return closest === undefined ? "unknown field; check its spelling against the schema" : `unknown field; write "${closest}"`;
}

function secretWarnings(path: string, { mcp, oauth }: FileEntry): RegistryProblem[] {
  const inOauth = findLiteralSecrets({ clientSecret: oauth?.clientSecret ?? "" }).map((name) => `oauth.${name}`);
  return [...literalSecretsIn(mcp), ...inOauth].map((place) => ({
    path: `${path}.${place}`,
    message: "looks like a secret; write ${env:NAME} here and set NAME in the environment",
  }));
}

function literalSecretsIn(mcp: FileEntry["mcp"]): string[] {
  switch (mcp.transport) {
    case "stdio":
      return [
        ...findLiteralSecrets(mcp.env).map((name) => `mcp.env.${name}`),
        ...mcp.args.flatMap((argument, index) => (hasLiteralSecret(argument) ? [`mcp.args[${index}]`] : [])),
      ];
    case "http":
    case "sse":
      return [
        ...findLiteralSecrets(mcp.headers).map((name) => `mcp.headers.${name}`),
        ...(hasLiteralSecret(mcp.url) ? ["mcp.url"] : []),
      ];
  }
}
