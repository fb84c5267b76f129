import { isSecretByName, isSecretByShape, looksRandom, splitScheme } from "./secret-shape.ts";

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
  return mapValues(env, (value, name) => hideValue(value, { name, nameSecret }));
}

/** Replaces the secrets in headers. The scheme before a token, such as `Bearer`, stays. */
export function hideInHeaders(headers: Record<string, string>, nameSecret: NameSecret): Record<string, string> {
  return mapValues(headers, (value, name) => hideValue(value, { name: headerName(name), nameSecret }));
}

/**
 * Replaces the secrets in arguments: `--api-key=…`, `--api-key …`, `-e API_KEY=…`, `--header "Authorization: Bearer …"`, whatever
 * looks like a key, and all of these within the command line of a shell.
 */
export function hideInArguments(args: readonly string[], nameSecret: NameSecret): string[] {
  return args.map((arg, index) => {
    const before = args[index - 1] ?? "";
    if (isHeaderFlag(before)) return hideHeaderLine(arg, nameSecret);
    const [, flag = "", value] = /^(--?[\w-]+)=(.+)$/s.exec(arg) ?? [];
    if (value !== undefined) {
      return `${flag}=${isHeaderFlag(flag) ? hideHeaderLine(value, nameSecret) : hideValue(value, { name: flag, nameSecret })}`;
    }
    const [, variable = "", assigned] = /^([A-Za-z_]\w*)=(\S+)$/.exec(arg) ?? [];
    if (assigned !== undefined) return `${variable}=${hideValue(assigned, { name: variable, nameSecret })}`;
    if (/^[A-Za-z][\w-]*:\s*\S/.test(arg) && !arg.includes("://")) return hideHeaderLine(arg, nameSecret);
    if (arg.startsWith("-")) return arg;
    return hideValue(arg, { name: /^--?[\w-]+$/.test(before) ? before : "", nameSecret });
  });
}

/** Replaces the secrets in a URL: keys in the query, a password, and path segments that are keys, as some services use. */
export function hideInUrl(url: string, nameSecret: NameSecret): string {
  const [base = "", query] = splitOnce(url, "?");
  const hidden = base
    .replace(/(?<=:\/\/[^/:@]*:)[^/@]+(?=@)/, (value) =>
      value.startsWith("${") ? value : nameSecret({ value, name: "PASSWORD" }),
    )
    .replace(/(?<=\/)[^/]+/g, (value) => (looksRandom(value) ? nameSecret({ value, name: "KEY" }) : value));
  if (query === undefined) return hidden;
  const pairs = query.split("&").map((pair) => {
    const [name = "", value = ""] = splitOnce(pair, "=");
    return isSecret(name, value) ? `${name}=${nameSecret({ value, name: variableName(name) })}` : pair;
  });
  return `${hidden}?${pairs.join("&")}`;
}

interface HideContext {
  /** What the value is called where it stands; "" where it has no name. */
  name: string;
  nameSecret: NameSecret;
}

function hideValue(value: string, { name, nameSecret }: HideContext): string {
  if (value.includes("${")) return value;
  const bearer = splitScheme(value);
  if (bearer) {
    const variable = /token$/i.test(name) ? name : name === "" ? "TOKEN" : `${name}-token`;
    return bearer.scheme + nameSecret({ value: bearer.credentials, name: variableName(variable) });
  }
  if (/^https?:\/\//i.test(value)) return hideInUrl(value, nameSecret);
  // A command line or JSON has its secrets inside; the rest of it says what the server does.
  if (/[\s{]/.test(value) && !isSecretByName(name, value)) return hideInText(value, nameSecret);
  return isSecret(name, value) ? nameSecret({ value, name: name === "" ? "SECRET" : variableName(name) }) : value;
}

/** `Authorization: Bearer …`, with or without a space after the colon. */
function hideHeaderLine(line: string, nameSecret: NameSecret): string {
  const [, start = "", name = "", value = ""] = /^(\s*([A-Za-z][\w-]*)\s*[:=]\s*)(.+)$/s.exec(line) ?? [];
  return start === ""
    ? hideValue(line, { name: "", nameSecret })
    : start + hideValue(value, { name: headerName(name), nameSecret });
}

function isHeaderFlag(flag: string): boolean {
  return /^(?:--?headers?|-H)$/.test(flag);
}

/** Most servers have an Authorization header, so its variable is simply called TOKEN. */
function headerName(name: string): string {
  return /^authorization$/i.test(name) ? "TOKEN" : name;
}

/** Replaces the secrets within a command line, a JSON text or the like. */
function hideInText(text: string, nameSecret: NameSecret): string {
  const hide = (name: string, value: string): string =>
    isSecret(name, value) && !/^(?:bearer|basic|token)$/i.test(value)
      ? nameSecret({ value, name: name === "" ? "SECRET" : variableName(headerName(name)) })
      : value;
  const steps: ((part: string) => string)[] = [
    (part) =>
      part.replace(/\b((?:Bearer|Basic)\s+)([\w.~+/=-]{6,})/gi, (_whole, scheme: string, value: string) => {
        return scheme + nameSecret({ value, name: "TOKEN" });
      }),
    (part) => part.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, (url) => hideInUrl(url, nameSecret)),
    (part) =>
      part.replace(/(?<![\w-])(--?[\w-]+)((?:=|\s+)["']?)([^\s"']+)/g, (_whole, flag: string, between: string, value: string) => {
        return flag + between + hide(flag, value);
      }),
    (part) =>
      part.replace(
        /\b([A-Za-z_][\w-]*)(["']?\s*[:=]\s*["']?)([^\s"',;{}]+)/g,
        (_whole, name: string, between: string, value: string) => {
          return name + between + hide(name, value);
        },
      ),
    (part) => part.replace(/(?<![\w.-])[\w.-]{8,}/g, (word) => hide("", word)),
  ];
  return steps.reduce((hidden, step) => outsideReferences(hidden, step), text);
}

/** What was replaced already stays. */
function outsideReferences(text: string, map: (part: string) => string): string {
  return text
    .split(/(\$\{[^}]*\})/)
    .map((part) => (part.startsWith("${") ? part : map(part)))
    .join("");
}

function isSecret(name: string, value: string): boolean {
  return value !== "" && !value.includes("${") && (isSecretByName(name, value) || isSecretByShape(value));
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function mapValues(record: Record<string, string>, map: (value: string, name: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
