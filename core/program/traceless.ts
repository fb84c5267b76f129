import type { Program as SyntaxTree } from "acorn";
import type { Use } from "./scope.ts";
import { isNode, walk } from "./syntax-tree.ts";

/*
 * Whether a file can be run again in the isolate that has run it. That needs two things: from the names that the file uses nothing
 * can be reached that keeps state out of sight, or that runs code later by itself (timers, events, finalizers, streams); and
 * whatever can be reached and changed is compared after each run, by runtime/kept.js. This is the first of them.
 */

/** Globals that only compute, and from which no other global can be reached. runtime/kept.js watches all of them. */
export const tracelessGlobals: readonly string[] = [
  ...["undefined", "NaN", "Infinity", "arguments", "console"],
  ...["Object", "Array", "Number", "Boolean", "String", "Symbol", "BigInt", "Math", "JSON", "Reflect", "Proxy", "Promise"],
  ...["Date", "RegExp", "Map", "Set", "WeakMap", "WeakSet", "Iterator", "Intl", "ArrayBuffer", "DataView"],
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
  ...["Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"],
  ...["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError"],
  ...["parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI"],
  ...["URL", "URLSearchParams", "TextEncoder", "TextDecoder", "structuredClone", "atob", "btoa"],
];

/** Of these objects only the functions, where they are called: the objects themselves keep state. */
export const tracelessCalls: readonly (readonly [object: string, name: string])[] = [
  ["crypto", "randomUUID"],
  ["crypto", "getRandomValues"],
  ["performance", "now"],
];

interface File {
  tree: SyntaxTree;
  text: string;
  /** Every use of a name that the file does not declare. */
  freeUses: readonly Use[];
  /** Whether the name means a client or `args`. */
  isImported: (use: Use) => boolean;
}

export function isTraceless({ tree, text, freeUses, isImported }: File): boolean {
  const isPure = (use: Use) => tracelessGlobals.includes(use.name) || isImported(use) || isTracelessCall(use);
  return freeUses.every(isPure) && !(text.includes("meta") && usesMeta(tree));
}

function isTracelessCall({ name, node, above }: Use): boolean {
  const member = above?.node;
  const call = above?.above?.node;
  if (member?.type !== "MemberExpression" || member.object !== node || member.computed === true) return false;
  if (call?.type !== "CallExpression" || call.callee !== member) return false;
  return tracelessCalls.some(([object, called]) => object === name && called === nameOf(member.property));
}

function nameOf(property: unknown): unknown {
  return isNode(property) ? property.name : undefined;
}

/** `import.meta` is an object that belongs to the module, not to the run. */
function usesMeta(tree: SyntaxTree): boolean {
  let isUsed = false;
  walk(tree, (node) => {
    if (node.type === "MetaProperty" && nameOf(node.meta) === "import") isUsed = true;
    return !isUsed;
  });
  return isUsed;
}
