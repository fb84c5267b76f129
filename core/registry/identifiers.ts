/*
 * Names of strangers become names in code. The rule is fixed: a wire name that is an identifier stays as it is; else
 * every other character becomes "_"; a leading digit gets a "_" before it; a reserved word gets a "_" after it; where
 * names collide, the one that is its own identifier keeps it and the others carry a suffix made from their wire names.
 *
 * So a name may depend on the other tools, and no rule that leaves most names plain can do without. Hence the catalogue
 * keeps the names it has given: a tool that is added later takes the suffix alone. Only one whose wire name is that very
 * identifier takes it from another, which then has a suffix. A session that never saw the older list starts from the rule.
 */

// "then" is no reserved word, but a client with a method of that name is a promise to await and to import(): the run
// would hang in it. "undefined" and "globalThis" are names that TypeScript lets nobody declare.
const reservedWords = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield then undefined globalThis"
  ).split(" "),
);

/** Names that every client module needs for itself. */
export const clientOwnNames = ["$call", "$raw", "$tools", "$resources", "$prompts", "$client", "$createClient"] as const;

/** Almost every name of a tool, and quicker to tell than what all alphabets allow. */
const asciiIdentifier = /^[A-Za-z_$][\w$]*$/;

/** The identifier form of an id or a wire name, collisions aside. Letters that cannot be seen are no letters here. */
export function toIdentifier(name: string): string {
  if (asciiIdentifier.test(name) && !reservedWords.has(name)) return name;
  const cleaned = name.normalize("NFC").replace(/[^\p{ID_Continue}$]|\p{Default_Ignorable_Code_Point}/gu, "_");
  const started = /^[\p{ID_Start}_$]/u.test(cleaned) ? cleaned : `_${cleaned}`;
  return reservedWords.has(started) ? `${started}_` : started;
}

export interface NamedTool {
  name: string;
  /** What it was called before, if that is kept. */
  identifier?: string | undefined;
}

/** Names for all tools of one server: wire name → identifier, each identifier once. */
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
    if (!names.has(wire)) claims.set(plain, [...(claims.get(plain) ?? []), wire]);
  }
  const contested: [string, string][] = [];
  for (const [plain, wires] of claims) {
    const [only] = wires;
    if (only !== undefined && wires.length === 1 && !used.has(plain)) give(only, plain);
    else contested.push(...wires.map((wire): [string, string] => [wire, plain]));
  }
  for (const [wire, plain] of contested) give(wire, withSuffix(plain, { wire, used }));
  return new Map(tools.map(({ name }) => [name, names.get(name) ?? toIdentifier(name)]));
}

/** What was kept by another version may follow another rule. */
function isFormOf(wire: string, identifier: string): boolean {
  const plain = toIdentifier(wire);
  return identifier === plain || (identifier.startsWith(`${plain}_`) && /^[0-9a-z]{6}$/.test(identifier.slice(plain.length + 1)));
}

/** Almost always the first try: a second one needs a tool named like the suffixed form of another. */
function withSuffix(plain: string, { wire, used }: { wire: string; used: ReadonlySet<string> }): string {
  let salted = wire;
  while (used.has(`${plain}_${hashOf(salted)}`)) salted += "_";
  return `${plain}_${hashOf(salted)}`;
}

/** Six base-36 digits of FNV-1a over the UTF-16 units: stable across runs and versions, not a security boundary. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36).padStart(6, "0").slice(-6);
}
