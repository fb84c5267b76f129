import { basename } from "node:path";
import { z } from "zod";
import {
  hideInArguments,
  hideInEnvironment,
  hideInHeaders,
  hideInUrl,
  type NameSecret,
} from "../../core/registry/hidden-secrets.ts";
import { type Environment, interpolate } from "../../core/registry/interpolation.ts";
import { FileEntry, reservedIds } from "../../core/registry/registry.ts";
import { type Self, selfReferenceIn } from "../registry/self-reference.ts";
import type { FoundServer } from "./found-servers.ts";
import { ignoredInLogin, loginFields, loginOf } from "./login.ts";
import { type ReferenceContext, translateReferences, UnknownReference } from "./references.ts";
import { isRelativePath } from "./relative-paths.ts";
import { unifiedDefinition } from "./unified-definition.ts";

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Texts = z.record(z.string(), Text);
const Names = z.array(z.string());

/** The fields of all these programs together. One schema is enough, because no name means different things in two of them. */
const known = {
  type: z.string().optional(),
  transport: z.string().optional(),
  command: z.string().optional(),
  args: z.array(Text).default([]),
  env: Texts.default({}),
  env_vars: z.array(z.union([z.string(), z.looseObject({ name: z.string() }).transform(({ name }) => name)])).default([]),
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: Texts.default({}),
  http_headers: Texts.default({}),
  env_http_headers: Texts.default({}),
  source: z.string().optional(),
  timeout: z.number().positive().optional(),
  bearer_token_env_var: z.string().optional(),
  enabled_tools: Names.optional(),
  disabled_tools: Names.optional(),
  alwaysAllow: Names.optional(),
  autoApprove: Names.optional(),
  tool_timeout_sec: z.number().positive().optional(),
  startup_timeout_sec: z.number().positive().optional(),
  startup_timeout_ms: z.number().positive().optional(),
  disabled: z.boolean().default(false),
  enabled: z.boolean().default(true),
  description: z.string().optional(),
  ...loginFields,
};
const Definition = z.looseObject(known);
type Definition = z.infer<typeof Definition>;

export type Translated =
  | { kind: "entry"; entry: FileEntry; variables: Map<string, string | undefined>; ignored: string[] }
  | { kind: "skipped"; reason: string };

export const disabledReason = "it is disabled there";

export interface TranslateContext {
  id: string;
  /** The file's name, as it appears in the summary. */
  source: string;
  folder: string;
  inputs: ReadonlyMap<string, string>;
  environment: Environment;
  self: Self;
  /** The environment variable that replaces a literal secret: a different one for each value. */
  variableFor: (secret: { value: string; name: string }) => string;
}

/** Translates a server of another program's configuration to a registry entry, or says why it is skipped. */
export function translateServer(found: FoundServer, context: TranslateContext): Translated {
  const parsed = Definition.safeParse(unifiedDefinition(found.definition));
  if (!parsed.success) return skipped(`its definition is not valid: ${z.prettifyError(parsed.error).split("\n")[0]}`);
  const definition = parsed.data;
  if (definition.disabled || !definition.enabled) return skipped(disabledReason);

  const variables = new Map<string, string | undefined>();
  const folder = found.project ?? context.folder;
  const references: ReferenceContext = {
    folder,
    own: noVariables,
    inputs: context.inputs,
    onVariable: (name, description) => void variables.set(name, description),
  };
  const nameSecret: NameSecret = (secret) => {
    const name = context.variableFor(secret);
    variables.set(name, undefined);
    return `\${env:${name}}`;
  };
  let candidate: unknown;
  try {
    const mcp = transportOf(definition, { references, nameSecret, environment: context.environment });
    candidate = {
      ...describe(found, definition, context),
      mcp,
      ...policyOf(definition),
      ...loginOf(definition, { translate: (text) => translateReferences(text, references), nameSecret }),
    };
  } catch (error) {
    if (error instanceof UnknownReference) return skipped(`${error.message} has no counterpart here; replace it with its value`);
    if (error instanceof Unsupported) return skipped(error.message);
    throw error;
  }
  const entry = FileEntry.safeParse(candidate);
  if (!entry.success) return skipped(`its registry entry would not be valid: ${z.prettifyError(entry.error).split("\n")[0]}`);
  const loop = selfReferenceIn(entry.data, context.self);
  if (loop !== undefined) return skipped(loop);
  const ignored = [...Object.keys(definition).filter((key) => !(key in known)), ...ignoredInLogin(definition)];
  return { kind: "entry", entry: entry.data, variables, ignored };
}

/** Turns a server's name into an id of letters, digits, - and _. */
export function idOf(name: string): string {
  const id = name
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 64);
  if (id === "") return "server";
  return reservedIds.some((reserved) => reserved === id) ? `${id}-server` : id;
}

function describe({ name }: FoundServer, definition: Definition, { id, source }: TranslateContext): object {
  const summary =
    definition.description ?? `Tools of "${name}", imported from ${source}. Say here what they are for: search reads it.`;
  return { id, title: name.slice(0, 80), summary: summary.slice(0, 400) };
}

interface TransportContext {
  references: ReferenceContext;
  nameSecret: NameSecret;
  environment: Environment;
}

function transportOf(definition: Definition, context: TransportContext): object {
  const { command, url } = definition;
  const translate = (text: string): string => translateReferences(text, context.references);
  if (command !== undefined) return stdioOf(definition, command, context);
  if (url === undefined)
    throw new Unsupported(definition.source === "extension" ? extension : "it has neither a command nor a url");
  const address = translate(url);
  const kind = definition.type ?? definition.transport;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1] ?? kind ?? "http";
  if (!/^https?$|^sse$|^streamable/i.test(scheme))
    throw new Unsupported(`its transport is ${scheme}, which is neither http nor sse`);
  const headers = hideInHeaders(
    translateAll({ ...definition.headers, ...definition.http_headers }, translate),
    context.nameSecret,
  );
  for (const [name, variable] of Object.entries(definition.env_http_headers)) headers[name] = translate(`\${${variable}}`);
  const { bearer_token_env_var: bearer } = definition;
  if (bearer !== undefined) headers.Authorization = `Bearer ${translate(`\${${bearer}}`)}`;
  return {
    transport: kind === "sse" || (!isHttp(kind) && /\/sse\/?(?:[?#]|$)/.test(address)) ? "sse" : "http",
    url: hideInUrl(address, context.nameSecret),
    headers,
  };
}

/** A type that says more than that the server is a remote one. */
function isHttp(kind: string | undefined): boolean {
  return kind !== undefined && /http/i.test(kind);
}

function stdioOf(definition: Definition, command: string, { references, nameSecret, environment }: TransportContext): object {
  const translate = (text: string): string => translateReferences(text, references);
  const own = new Set(Object.keys(definition.env).filter((name) => !definition.env[name]?.includes(`{${name}}`)));
  const args = definition.args.map((arg) => translateReferences(arg, { ...references, own }));
  // `cmd /c` is how Windows starts npm's scripts. The bridge does not need it.
  const isWrapped = /^cmd(?:\.exe)?$/i.test(command) && args[0]?.toLowerCase() === "/c" && args[1] !== undefined;
  const words = [translate(command), ...args];
  const isInFolder = [...words, ...Object.values(definition.env)].some(isRelativePath);
  const cwd = definition.cwd ?? (isInFolder ? references.folder : undefined);
  const inherited = definition.env_vars.map((name) => [name, translate(`\${${name}}`)]);
  return {
    transport: "stdio",
    command: expand(isWrapped ? (args[1] ?? "") : translate(command), environment),
    args: hideInArguments(isWrapped ? args.slice(2) : args, nameSecret),
    env: { ...hideInEnvironment(translateAll(definition.env, translate), nameSecret), ...Object.fromEntries(inherited) },
    ...(cwd === undefined ? {} : { cwd: expand(translate(cwd), environment) }),
  };
}

/** Replaces references with their values: the registry does not interpolate `command` and `cwd`. */
function expand(text: string, environment: Environment): string {
  const { value, missing } = interpolate(text, environment);
  if (missing.length > 0) throw new Unsupported(`its command or folder refers to ${missing.join(", ")}, which is not set`);
  return value;
}

function policyOf(definition: Definition): object {
  const { enabled_tools: allow, disabled_tools: deny } = definition;
  const alwaysAllow = definition.alwaysAllow ?? definition.autoApprove;
  const tools = { ...(allow && { allow }), ...(deny && { deny }), ...(alwaysAllow && { alwaysAllow }) };
  return { tools, limits: timesOf(definition) };
}

function timesOf(definition: Definition): { timeoutMs?: number; startTimeoutMs?: number } {
  const { tool_timeout_sec: seconds, startup_timeout_sec: startSeconds, startup_timeout_ms: startMs } = definition;
  const start = startSeconds === undefined ? startMs : startSeconds * 1_000;
  const timeoutMs = seconds === undefined ? timeoutMsOf(definition.timeout) : Math.round(seconds * 1_000);
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(start !== undefined && { startTimeoutMs: Math.round(start) }),
  };
}

/** Gemini and opencode write milliseconds, Cline and Roo seconds; nobody means a tenth of a second or a day. */
function timeoutMsOf(timeout: number | undefined): number | undefined {
  return timeout === undefined ? undefined : Math.round(timeout < 1_000 ? timeout * 1_000 : timeout);
}

function translateAll(record: Record<string, string>, translate: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, translate(value)]));
}

function skipped(reason: string): Translated {
  return { kind: "skipped", reason };
}

const extension = "it comes with an extension of Zed, which alone knows how to start it";
const noVariables: ReadonlySet<string> = new Set();

class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** A suffix that distinguishes servers of the same name in different projects. */
export function projectName(project: string): string {
  return idOf(basename(project));
}
