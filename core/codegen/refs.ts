import { boundedJson, isRecord } from "./literals.ts";

/** The value a local reference points at (RFC 6901 in a URI fragment), `undefined` when there is none. */
export function resolveRef(root: unknown, reference: string): unknown {
  const ref = withinDocument(root, reference);
  if (!ref.startsWith("#")) return byId(root, ref);
  if (ref !== "#" && !ref.startsWith("#/")) return byAnchor(root, ref.slice(1));
  let target = root;
  for (const step of stepsOf(ref)) {
    // Own properties only: "#/constructor" must not find Object's.
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, step)) return undefined;
    target = Reflect.get(target, step);
  }
  return target;
}

/** A name for what a reference points at: the last step that is a word of the author, not of JSON Schema. */
export function nameOfRef(ref: string): string {
  const pointer = ref.slice(Math.max(ref.indexOf("#"), 0));
  const steps = pointer.startsWith("#/") ? stepsOf(pointer) : [pointer.replace(/^#|^.*\/|\.json$/g, "")];
  return steps.findLast((step) => !structural.has(step) && !/^\d*$/.test(step)) ?? "";
}

/**
 * Tells which references of one document mean the same type as references of another: those whose definition and all
 * that it refers to are the same text. `texts` numbers the texts seen so far and is shared by the documents compared.
 */
export function createIdentities(root: unknown, texts: Map<string, number>): (ref: string) => string {
  const known = new Map<string, Target>();
  const targetOf = (ref: string): Target => {
    const target = known.get(ref) ?? readTarget(root, { ref, texts });
    known.set(ref, target);
    return target;
  };
  return (ref) => {
    const reached = new Set([ref]);
    for (const next of reached) {
      if (reached.size > refsPerIdentityMax) return `${targetOf("#").text} ${ref}`;
      for (const further of targetOf(next).refs) reached.add(further);
    }
    return JSON.stringify([...reached].map((next) => [next, targetOf(next).text]));
  };
}

interface Target {
  /** The number of its text. */
  text: number;
  refs: Set<string>;
}

/** Deeper than any type is printed, so what is cut off cannot make a difference. */
const identityDepthMax = 64;
/** A definition that reaches more than this is compared by its whole document, which is cheaper. */
const refsPerIdentityMax = 64;

function readTarget(root: unknown, { ref, texts }: { ref: string; texts: Map<string, number> }): Target {
  const target = resolveRef(root, ref);
  const json = textOf(target);
  const text = texts.get(json) ?? texts.size;
  texts.set(json, text);
  const refs = new Set<string>();
  collectRefs(target, { into: refs, depth: identityDepthMax });
  return { text, refs };
}

/** The whole text, or where nesting would exhaust the stack, as much as can make a difference. */
function textOf(target: unknown): string {
  try {
    return JSON.stringify(target) ?? "";
  } catch {
    // Only depth makes what came as JSON impossible to write as JSON.
    return boundedJson(target, identityDepthMax);
  }
}

const structural = new Set(
  (
    "$defs definitions properties patternProperties additionalProperties items prefixItems additionalItems anyOf oneOf allOf " +
    "schema schemas components"
  ).split(" "),
);

function stepsOf(ref: string): string[] {
  return ref
    .split("/")
    .slice(1)
    .map((step) => decode(step).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decode(step: string): string {
  if (!step.includes("%")) return step;
  try {
    return decodeURIComponent(step);
  } catch {
    // Not percent-encoded at all: the step means itself.
    return step;
  }
}

/** A reference by the document's own address points into the document. */
function withinDocument(root: unknown, ref: string): string {
  const own = isRecord(root) && typeof root.$id === "string" ? root.$id.replace(/#$/, "") : "";
  return own !== "" && (ref === own || ref.startsWith(`${own}#`)) ? ref.slice(own.length) || "#" : ref;
}

function byAnchor(root: unknown, anchor: string): unknown {
  return definitionsOf(root).find(
    ({ $anchor, $dynamicAnchor, $id }) => $anchor === anchor || $dynamicAnchor === anchor || $id === `#${anchor}`,
  );
}

/** A definition that carries an address of its own, as bundlers write them. */
function byId(root: unknown, id: string): unknown {
  const address = id.replace(/#$/, "");
  return definitionsOf(root).find(({ $id }) => $id === address);
}

function definitionsOf(root: unknown): Record<string, unknown>[] {
  if (!isRecord(root)) return [];
  return [root.$defs, root.definitions].filter(isRecord).flatMap((group) => Object.values(group).filter(isRecord));
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
