import { isReserved } from "./interpolation.ts";

/**
 * The environment variable for a secret: the same one for the same value. Its own name if that is specific and free, otherwise
 * prefixed with the server's id.
 */
export function variableFor(
  secrets: Map<string, string>,
  { value, name, id, used }: { value: string; name: string; id: string; used: ReadonlySet<string> },
): string {
  const prefix = id.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase();
  const own = /^[0-9]/.test(prefix) ? `MCP_${prefix}` : prefix;
  const plain = isSpecific(name) ? [name] : [];
  const candidates = [...plain, `${own}_${name}`, ...[2, 3, 4, 5].map((number) => `${own}_${name}_${number}`)];
  const isFree = (candidate: string) => !used.has(candidate) && (secrets.get(candidate) ?? value) === value;
  const free = candidates.find(isFree) ?? `${own}_${name}_${used.size + secrets.size}`;
  secrets.set(free, value);
  return free;
}

/** The variables that entries, or parts of them, refer to. */
export function variablesIn(part: unknown): Set<string> {
  return new Set([...(JSON.stringify(part) ?? "").matchAll(/\$\{env:(\w+)/g)].flatMap(([, name]) => name ?? []));
}

/** Those of them that have no default, and so have to be set. */
export function neededIn(part: unknown): Set<string> {
  return new Set([...(JSON.stringify(part) ?? "").matchAll(/\$\{env:(\w+)\}/g)].flatMap(([, name]) => name ?? []));
}

/**
 * Whether a name says which service its key belongs to. API_KEY and AUTH_TOKEN do not, and all servers share one environment; the
 * orchestrator's own names are given to none.
 */
function isSpecific(name: string): boolean {
  return !isReserved(name) && !name.split("_").every((word) => generic.has(word));
}

const generic: ReadonlySet<string> = new Set(
  "ACCESS API APP AUTH AUTHORIZATION BEARER BRIDGE CLIENT COOKIE HEADER HEADERS ID KEY MCP PASSWORD PRIVATE SECRET TOKEN USER X".split(
    " ",
  ),
);
