/*
 * Names of strangers become names in code. The rule is fixed: a wire name that is an identifier stays as it is; else
 * every other character becomes "_"; a leading digit gets a "_" before it; a reserved word gets a "_" after it; where
 * names collide, the one that is its own identifier keeps it and the others carry a suffix made from their wire names.
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
export const clientOwnNames = ["$call", "$raw", "$tools", "$client", "$createClient"] as const;

/** The identifier form of an id or a wire name, collisions aside. Letters that cannot be seen are no letters here. */
export function toIdentifier(name: string): string {
  const cleaned = name.normalize("NFC").replace(/[^\p{ID_Continue}$]|\p{Default_Ignorable_Code_Point}/gu, "_");
  const started = /^[\p{ID_Start}_$]/u.test(cleaned) ? cleaned : `_${cleaned}`;
  return reservedWords.has(started) ? `${started}_` : started;
}

/** Names for all tools of one server: wire name → identifier, each identifier once. */
export function nameTools(wireNames: readonly string[], taken: readonly string[] = clientOwnNames): Map<string, string> {
  const claims = new Map<string, string[]>();
  for (const wire of new Set(wireNames)) {
    const plain = toIdentifier(wire);
    claims.set(plain, [...(claims.get(plain) ?? []), wire]);
  }
  const names = new Map<string, string>();
  const used = new Set(taken);
  for (const [plain, wires] of claims) {
    const owner = wires.length === 1 ? wires[0] : wires.find((wire) => wire === plain);
    if (owner === undefined || used.has(plain)) continue;
    names.set(owner, plain);
    used.add(plain);
  }
  for (const [plain, wires] of claims) {
    for (const wire of wires) {
      if (names.has(wire)) continue;
      const suffixed = withSuffix(plain, { wire, used });
      names.set(wire, suffixed);
      used.add(suffixed);
    }
  }
  return new Map(wireNames.map((wire) => [wire, names.get(wire) ?? toIdentifier(wire)]));
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
