import { type Environment, findLiteralSecrets, looksLikeSecret } from "./interpolation.ts";
import type { ServerEntry } from "./registry.ts";

/*
 * A server is given its secrets to use and has no reason to say them. Some do: in an error that repeats a header, in a tool
 * that prints the environment, on stderr. What comes from a server passes here first, so that neither the model, nor a
 * program, nor a log ever reads one.
 */

/** A value that stands in an entry by reference or literally, and how messages name it. */
export interface Secret {
  name: string;
  value: string;
}

/** Puts `[secret NAME]` where a secret stands, as it is or as JSON and URLs write it. */
export type Redact = (text: string) => string;

/** A shorter one is found in innocent words, and protects nothing. */
const secretCharsMin = 6;

/** The secrets that a server is started or called with. Paths and the like, which are references too, are none. */
export function secretsOf({ mcp }: Pick<ServerEntry, "mcp">, environment: Environment): Secret[] {
  const fields = mcp.transport === "stdio" ? mcp.env : mcp.headers;
  const loose = mcp.transport === "stdio" ? mcp.args : [mcp.url];
  // Hardly anybody sends a header that is set apart and no secret.
  const isHeader = mcp.transport !== "stdio";
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

/** Undefined when there is nothing to hide, so that nobody looks for it. */
export function createRedact(secrets: readonly Secret[]): Redact | undefined {
  const written = new Map<string, string>();
  for (const { name, value } of secrets) {
    // JSON stands in the text of JSON where a tool answers with the one as text.
    const forms = [value, escaped(value), escaped(escaped(value)), encodeURIComponent(value)];
    for (const form of forms) written.set(form, `[secret ${name}]`);
  }
  if (written.size === 0) return undefined;
  // One that contains another goes first.
  const longestFirst = [...written].sort(([a], [b]) => b.length - a.length);
  return (text) => longestFirst.reduce((redacted, [form, mark]) => redacted.replaceAll(form, () => mark), text);
}

/** The same for the strings in JSON data; what holds no secret comes back as it is. Numbers stay, or it would be JSON no longer. */
export function redactData(data: unknown, redact: Redact): unknown {
  const text = JSON.stringify(data);
  if (text === undefined || redact(text) === text) return data;
  return JSON.parse(text, (_key, value: unknown) => (typeof value === "string" ? redact(value) : value));
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function references(text: string): string[] {
  return [...text.matchAll(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap(([, name]) => name ?? []);
}

function isNameOfSecret(name: string): boolean {
  return /token|secret|passw|key|auth|credential|(?:^|_)(?:pat|pw|pwd)$/i.test(name);
}

function withoutScheme(value: string): string {
  return value.replace(/^(?:Bearer|Basic|Token)\s+/i, "");
}
