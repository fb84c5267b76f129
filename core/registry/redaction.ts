import { isDeeper } from "../json.ts";
import { limits } from "../limits.ts";
import { type Environment, findLiteralSecrets, looksLikeSecret } from "./interpolation.ts";
import type { ServerEntry } from "./registry.ts";

/*
 * Some servers repeat the secrets that they are given: in an error that quotes a header, in a tool that prints the environment, on
 * stderr. Everything that comes from a server is redacted here, before a model, a program or a log reads it.
 */

/** A secret of an entry, written there as a reference or as plain text, and the name that replaces it in messages. */
export interface Secret {
  name: string;
  value: string;
}

/** Replaces secrets by `[secret NAME]`: as they are, and as JSON and URLs escape them. */
export type Redact = (text: string) => string;

/** A shorter value occurs in ordinary words, and is too short to protect anything. */
const secretCharsMin = 6;

/** The secrets that a server is started or called with. References to other things, such as paths, are left out. */
export function secretsOf({ mcp }: Pick<ServerEntry, "mcp">, environment: Environment): Secret[] {
  const { fields, loose, isHeader } = placesOf(mcp);
  const referred = [
    ...Object.entries(fields).flatMap(([field, text]) =>
      references(text).map((name) => ({ name, isNamed: isHeader || isNameOfSecret(field) })),
    ),
    ...loose.flatMap((text) => references(text).map((name) => ({ name, isNamed: false }))),
  ].flatMap(({ name, isNamed }) => {
    const value = environment(name) ?? "";
    return isNamed || isNameOfSecret(name) || looksLikeSecret(value) ? [{ name, value }] : [];
  });
  const literal = findLiteralSecrets(fields).map((name) => ({ name, value: withoutScheme(fields[name] ?? "") }));
  return [...referred, ...literal].filter(({ value }) => value.length >= secretCharsMin);
}

/** Where an entry may hold secrets: in fields with a name, and in text without one. */
function placesOf(mcp: ServerEntry["mcp"]): { fields: Record<string, string>; loose: string[]; isHeader: boolean } {
  switch (mcp.transport) {
    case "stdio":
      return { fields: mcp.env, loose: mcp.args, isHeader: false };
    case "http":
    case "sse":
      // Headers that somebody sets by hand are nearly always secrets.
      return { fields: mcp.headers, loose: [mcp.url], isHeader: true };
    case "bridge":
    case "built_in":
      // What a bridge's servers have stays with the bridge, which hides them before anything reaches the Worker.
      return { fields: {}, loose: [], isHeader: false };
  }
}

/** Undefined when there is nothing to redact, so that callers can skip the search. */
export function createRedact(secrets: readonly Secret[]): Redact | undefined {
  const written = new Map<string, string>();
  for (const { name, value } of secrets) {
    // Escaped twice, because a tool may answer with JSON as text, which is escaped again in the JSON of the result.
    const forms = [value, escaped(value), escaped(escaped(value)), encodeURIComponent(value)];
    for (const form of forms) written.set(form, `[secret ${name}]`);
  }
  if (written.size === 0) return undefined;
  // Longest first, because one secret may contain another.
  const longestFirst = [...written].sort(([a], [b]) => b.length - a.length);
  return (text) => longestFirst.reduce((redacted, [form, name]) => redacted.replaceAll(form, () => name), text);
}

/** Redacts the strings in JSON data, names of fields too; data without a secret is returned as it is. Numbers are left alone, so that it stays JSON. */
export function redactData(data: unknown, redact: Redact): unknown {
  if (isDeeper(data, limits.answerDepthMax)) return redactDeep(data, redact);
  const text = JSON.stringify(data);
  if (text === undefined || redact(text) === text) return data;
  return JSON.parse(text, (_key, value: unknown) => redactValue(value, redact));
}

/** A text, or the names of an object's fields, without secrets; anything else as it is. For what `JSON.parse` revives. */
export function redactValue(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (Object.keys(value).every((name) => redact(name) === name)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [redact(name), inner]));
}

/** Changes data of any depth in place, without recursion. Its reader refuses it, but an error may still quote it. */
function redactDeep(data: unknown, redact: Redact): unknown {
  const open: unknown[] = [data];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (typeof holder !== "object" || holder === null) continue;
    for (const [key, value] of Object.entries(holder)) {
      const name = redact(key);
      if (name !== key) Reflect.deleteProperty(holder, key);
      if (name !== key || typeof value === "string") Reflect.set(holder, name, typeof value === "string" ? redact(value) : value);
      if (typeof value === "object" && value !== null) open.push(value);
    }
  }
  return data;
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function references(text: string): string[] {
  return [...text.matchAll(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap(([, name]) => name ?? []);
}

/** Whether a field of this name holds a secret, as a rule. */
export function isNameOfSecret(name: string): boolean {
  return /token|secret|passw|passphrase|passcode|key|auth|credential|cookie|bearer|(?:^|[_.-])(?:pat|pw|pwd|pin|otp|jwt)$/i.test(
    name,
  );
}

function withoutScheme(value: string): string {
  return value.replace(/^(?:Bearer|Basic|Token)\s+/i, "");
}
