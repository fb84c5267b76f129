import { findLiteralSecrets, hasLiteralSecret } from "../../core/registry/interpolation.ts";

/** Assigns an environment variable to a literal secret and returns the reference that replaces it. */
export type NameSecret = (secret: { value: string; name: string }) => string;

/** `x-api-key` → `X_API_KEY`. */
export function variableName(text: string): string {
  const name = text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toUpperCase();
  return /^[A-Z]/.test(name) ? name : `MCP_${name}`;
}

/** Replaces the secrets in an entry's `env`; each keeps the name of its variable. */
export function hideInEnvironment(env: Record<string, string>, nameSecret: NameSecret): Record<string, string> {
  return mapValues(env, (value, name) => (isSecret(name, value) ? nameSecret({ value, name: variableName(name) }) : value));
}

/** Replaces the secrets in headers. The scheme before a token, such as `Bearer`, stays. */
export function hideInHeaders(headers: Record<string, string>, nameSecret: NameSecret): Record<string, string> {
  return mapValues(headers, (value, name) => {
    if (!isSecret(name, value)) return value;
    const scheme = /^(?:Bearer|Basic|Token)\s+/i.exec(value)?.[0] ?? "";
    const variable = /^authorization$/i.test(name) ? "TOKEN" : variableName(name);
    return scheme + nameSecret({ value: value.slice(scheme.length), name: variable });
  });
}

/** Replaces the secrets in arguments: `--api-key=…`, `--api-key …`, `-e API_KEY=…`, and values that look like a key. */
export function hideInArguments(args: readonly string[], nameSecret: NameSecret): string[] {
  return args.map((arg, index) => {
    if (arg.includes("${env:")) return arg;
    const [, flag = "", value] = /^(--?[\w-]+)=(.+)$/s.exec(arg) ?? [];
    if (value !== undefined && isSecret(flag, value)) return `${flag}=${nameSecret({ value, name: variableName(flag) })}`;
    const [, variable = "", assigned] = /^([A-Za-z_]\w*)=(.+)$/s.exec(arg) ?? [];
    if (assigned !== undefined && isSecret(variable, assigned)) {
      return `${variable}=${nameSecret({ value: assigned, name: variableName(variable) })}`;
    }
    const before = args[index - 1] ?? "";
    const flagBefore = /^--?[\w-]+$/.test(before) ? before : "";
    if (arg.startsWith("-") || !isSecret(flagBefore, arg)) return arg;
    return nameSecret({ value: arg, name: flagBefore === "" ? "SECRET" : variableName(flagBefore) });
  });
}

/** Replaces the secrets in a URL: keys in the query, a password, and path segments that are keys, as some services use. */
export function hideInUrl(url: string, nameSecret: NameSecret): string {
  const [base = "", query] = url.split("?", 2);
  const hidden = base
    .replace(/(?<=:\/\/[^/:@]*:)[^/@]+(?=@)/, (value) =>
      value.startsWith("${") ? value : nameSecret({ value, name: "PASSWORD" }),
    )
    .replace(/(?<=\/)[^/]+/g, (value) => (looksRandom(value) ? nameSecret({ value, name: "KEY" }) : value));
  if (query === undefined) return hidden;
  const pairs = query.split("&").map((pair) => {
    const [name = "", value = ""] = pair.split("=", 2);
    return isSecret(name, value) ? `${name}=${nameSecret({ value, name: variableName(name) })}` : pair;
  });
  return `${hidden}?${pairs.join("&")}`;
}

function isSecret(name: string, value: string): boolean {
  if (value.includes("${env:") || value === "") return false;
  return findLiteralSecrets({ [name]: value }).length > 0 || hasLiteralSecret(value) || looksRandom(value) || hasPassword(value);
}

/** `postgres://ada:secret@host/db` */
function hasPassword(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i.test(value);
}

/** Long, unbroken, with letters and digits mixed: unlike any name, path, version or date that a person would write. */
function looksRandom(value: string): boolean {
  return value.length >= 24 && /^[A-Za-z0-9_-]+$/.test(value) && (value.match(/\d/g)?.length ?? 0) >= 4 && /[A-Za-z]/.test(value);
}

function mapValues(record: Record<string, string>, map: (value: string, name: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
