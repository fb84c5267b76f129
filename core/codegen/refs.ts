import { isRecord } from "../json.ts";
import { boundedJson } from "./literals.ts";

/** The value a local reference points at (RFC 6901 in a URI fragment), or `undefined` if there is none. */
export function resolveRef(root: unknown, reference: string): unknown {
  const ref = withinDocument(root, reference);
  if (!ref.startsWith("#")) return byId(root, ref);
  if (ref !== "#" && !ref.startsWith("#/")) return byAnchor(root, ref.slice(1));
  let target = root;
  for (const segment of segmentsOf(ref)) {
    // Own properties only: "#/constructor" must not find Object's.
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, segment)) return undefined;
    target = Reflect.get(target, segment);
  }
  return target;
}

/** A type name for a reference: its last segment that is neither a keyword of JSON Schema nor an index. */
export function nameOfRef(ref: string): string {
  const pointer = ref.slice(Math.max(ref.indexOf("#"), 0));
  const segments = pointer.startsWith("#/") ? segmentsOf(pointer) : [pointer.replace(/^#|^.*\/|\.json$/g, "")];
  return segments.findLast((segment) => !structural.has(segment) && !/^\d*$/.test(segment)) ?? "";
}

/**
 * Returns a function that gives each reference of a document an identity. References of different documents have the same
 * identity if their definitions, and all definitions these refer to, are textually equal. `texts` numbers the distinct texts and
 * is shared by the documents compared.
 */
export function createIdentities(root: unknown, texts: Map<string, number>): (ref: string) => string {
  const known = new Map<string, Target>();
  let left = identityCharsMax;
  const targetOf = (ref: string): Target => {
    const before = known.get(ref);
    if (before) return before;
    const target = readTarget(root, { ref, texts });
    left -= target.chars;
    known.set(ref, target);
    return target;
  };
  return (ref) => {
    const reached = new Set([ref]);
    for (const next of reached) {
      if (left < 0 || reached.size > refsPerIdentityMax) return `${targetOf("#").text} ${ref}`;
      const { refs } = targetOf(next);
      left -= refs.size;
      for (const further of refs) reached.add(further);
    }
    const identity = JSON.stringify([...reached].map((next) => [next, targetOf(next).text]));
    left -= identity.length;
    return identity;
  };
}

interface Target {
  /** The number of its JSON in `texts`. */
  text: number;
  chars: number;
  refs: Set<string>;
}

/** Deeper than any type is printed, so that cutting off there makes no difference. */
const identityDepthMax = 64;
/** A definition that refers to more definitions than this is identified by its whole document, which is cheaper. */
const refsPerIdentityMax = 64;
/**
 * Characters read and written for the identities of one document, after which its definitions are identified by the whole of it too: references
 * to the same large part can be spelled in thousands of ways. Those of a document in which no definition is in another are fewer.
 */
const identityCharsMax = 2 * 1024 * 1024;

function readTarget(root: unknown, { ref, texts }: { ref: string; texts: Map<string, number> }): Target {
  const target = resolveRef(root, ref);
  const json = textOf(target);
  const text = texts.get(json) ?? texts.size;
  texts.set(json, text);
  const refs = new Set<string>();
  collectRefs(target, { into: refs, depth: identityDepthMax });
  return { text, chars: json.length, refs };
}

/** The definition's JSON, cut off only if its nesting would exhaust the stack. */
function textOf(target: unknown): string {
  try {
    return JSON.stringify(target) ?? "";
  } catch {
    // The value came from JSON, so only its depth can make stringify fail.
    return boundedJson(target, identityDepthMax);
  }
}

const structural = new Set(
  (
    "$defs definitions properties patternProperties additionalProperties items prefixItems additionalItems anyOf oneOf allOf " +
    "schema schemas components"
  ).split(" "),
);

function segmentsOf(ref: string): string[] {
  return ref
    .split("/")
    .slice(1)
    .map((segment) => decode(segment).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not valid percent-encoding: the segment is taken literally.
    return segment;
  }
}

/** Turns a reference that names the document's own `$id` into a reference within the document. */
function withinDocument(root: unknown, ref: string): string {
  const own = isRecord(root) && typeof root.$id === "string" ? root.$id.replace(/#$/, "") : "";
  return own !== "" && (ref === own || ref.startsWith(`${own}#`)) ? ref.slice(own.length) || "#" : ref;
}

function byAnchor(root: unknown, anchor: string): unknown {
  return definitionsOf(root).byAnchor.get(anchor);
}

/** The definition with this `$id`, as bundlers of schemas write them. */
function byId(root: unknown, id: string): unknown {
  return definitionsOf(root).byId.get(id.replace(/#$/, ""));
}

interface Definitions {
  byId: ReadonlyMap<unknown, unknown>;
  byAnchor: ReadonlyMap<unknown, unknown>;
}

/** By document, because thousands of references may be looked up among thousands of definitions. */
const definitionsByRoot = new WeakMap<object, Definitions>();

function definitionsOf(root: unknown): Definitions {
  if (!isRecord(root)) return { byId: new Map(), byAnchor: new Map() };
  const known = definitionsByRoot.get(root);
  if (known) return known;
  // The first of a name counts, and of two entries of a Map the last: so the last definition comes first.
  const all = [root.$defs, root.definitions].filter(isRecord).flatMap((group) => Object.values(group).filter(isRecord));
  const found: Definitions = {
    byId: new Map(all.toReversed().map((definition) => [definition.$id, definition])),
    byAnchor: new Map(
      all.toReversed().flatMap((definition) => {
        const { $anchor, $dynamicAnchor, $id } = definition;
        const own = typeof $id === "string" && $id.startsWith("#") ? $id.slice(1) : undefined;
        return [$anchor, $dynamicAnchor, own].map((name) => [name, definition] as const);
      }),
    ),
  };
  definitionsByRoot.set(root, found);
  return found;
}

const refKeywords = new Set(["$ref", "$dynamicRef", "$recursiveRef"]);

function collectRefs(value: unknown, { into, depth }: { into: Set<string>; depth: number }): void {
  if (typeof value !== "object" || value === null || depth <= 0) return;
  const inside = { into, depth: depth - 1 };
  if (Array.isArray(value)) {
    for (const item of value) collectRefs(item, inside);
  } else if (isRecord(value)) {
    for (const key in value) {
      const item = value[key];
      if (typeof item === "string") {
        if (refKeywords.has(key)) into.add(item);
      } else {
        collectRefs(item, inside);
      }
    }
  }
}
