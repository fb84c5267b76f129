/*
 * How wire names of servers and tools become identifiers in code. A wire name that is an identifier stays as it is. Otherwise each
 * character that no identifier may have becomes "_", a leading digit gets a "_" before it, and a reserved word a "_" after it.
 * Where names collide, the one that is its own identifier keeps it, and the others get a suffix made from their wire names.
 *
 * So a name may depend on the other tools; every rule that leaves most names plain has that. Hence the catalog keeps the names that
 * it has given: where a later tool collides with an earlier one, only the later one gets the suffix. The one exception is a tool
 * whose wire name is that very identifier: it takes the name, and the earlier tool gets the suffix. A session that never saw the
 * older listing starts from the rule.
 */

// "then" is no reserved word, but await and import() take a client with a method of that name for a promise, and the run would
// hang. "undefined" and "globalThis" are names that TypeScript allows nobody to declare.
const reservedWords = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield then undefined globalThis"
  ).split(" "),
);

/** Names that every client module needs for itself. */
export const clientOwnNames = ["$call", "$raw", "$tools", "$resources", "$prompts", "$client", "$createClient"] as const;

/** Fits almost every name of a tool, and is faster than the Unicode classes. */
const asciiIdentifier = /^[A-Za-z_$][\w$]*$/;

/** The identifier for an id or a wire name, before collisions are resolved. Invisible characters are replaced like any other. */
export function toIdentifier(name: string): string {
  if (asciiIdentifier.test(name) && !reservedWords.has(name)) return name;
  const cleaned = name.normalize("NFC").replace(/[^\p{ID_Continue}$]|\p{Default_Ignorable_Code_Point}/gu, "_");
  const started = /^[\p{ID_Start}_$]/u.test(cleaned) ? cleaned : `_${cleaned}`;
  return reservedWords.has(started) ? `${started}_` : started;
}

export interface NamedTool {
  name: string;
  /** Its identifier so far, if it had one. */
  identifier?: string | undefined;
}

/** Identifiers for all tools of one server, by wire name. No two are the same. */
export function nameTools(tools: readonly NamedTool[], taken: readonly string[] = clientOwnNames): Map<string, string> {
  const names = new Map<string, string>();
  const used = new Set(taken);
  function give(wire: string, identifier: string): void {
    names.set(wire, identifier);
    used.add(identifier);
  }
  const plainNames = new Map(tools.map(({ name }) => [name, toIdentifier(name)]));
  for (const [wire, plain] of plainNames) {
    if (wire === plain && !used.has(plain)) give(wire, plain);
  }
  for (const { name, identifier } of tools) {
    const isKept = identifier !== undefined && !names.has(name) && !used.has(identifier) && isFormOf(name, identifier);
    if (isKept) give(name, identifier);
  }
  const claims = new Map<string, string[]>();
  for (const [wire, plain] of plainNames) {
    if (names.has(wire)) continue;
    const wires = claims.get(plain) ?? [];
    wires.push(wire);
    claims.set(plain, wires);
  }
  const contested: [string, string][] = [];
  for (const [plain, wires] of claims) {
    const [only] = wires;
    if (only !== undefined && wires.length === 1 && !used.has(plain)) give(only, plain);
    else contested.push(...wires.map((wire): [string, string] => [wire, plain]));
  }
  for (const [wire, plain] of contested) give(wire, withSuffix(plain, { text: wire, used }));
  return new Map(tools.map(({ name }) => [name, names.get(name) ?? toIdentifier(name)]));
}

/** Whether this rule can give that identifier: another version may have stored one by another rule. */
function isFormOf(wire: string, identifier: string): boolean {
  const plain = toIdentifier(wire);
  return identifier === plain || (identifier.startsWith(`${plain}_`) && /^[0-9a-z]{6}$/.test(identifier.slice(plain.length + 1)));
}

/**
 * Adds a suffix made from a text. The first try almost always fits: it is taken only if something has the very name of another's suffixed
 * form, or a text of the same hash. The number of the try comes first, because texts of the same hash have the same again with any end, and a server can find
 * thousands of them.
 */
export function withSuffix(plain: string, { text, used }: { text: string; used: ReadonlySet<string> }): string {
  let name = `${plain}_${hashOf(text)}`;
  for (let tries = 2; used.has(name); tries++) name = `${plain}_${hashOf(`${tries} ${text}`)}`;
  return name;
}

/** Six base-36 digits of FNV-1a over the UTF-16 units: stable across runs and versions, not a security boundary. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36).padStart(6, "0").slice(-6);
}
