import { withSuffix } from "../registry/identifiers.ts";
import { schemaBounds } from "./bounds.ts";
import { blockComment, schemaLines } from "./jsdoc.ts";
import { printLine, printType } from "./print.ts";
import { createIdentities, nameOfRef, resolveRef } from "./refs.ts";
import { type Place, toTypeNode } from "./schema.ts";
import { type NameHint, type Root, shareTypes } from "./sharing.ts";
import { eachPart, type TypeNode, unknownType, withoutDocs } from "./type-node.ts";

export interface SchemaSource {
  /** The document that `$ref`s in the schema point into. */
  root: unknown;
  /** Names the type if the schema has no name of its own, and distinguishes equal names of different definitions. */
  nameHint: string;
}

/**
 * The named types of one declaration. Every `$ref` becomes a named type, declared once for all tools that use it; different
 * definitions of the same name get different names. The text compiles under `tsc --strict` for any schema.
 */
export class TypeScope {
  readonly #taken: Set<string>;
  readonly #definitions: Definition[] = [];
  readonly #byIdentity = new Map<string, Definition>();
  readonly #byName = new Map<string, Definition>();
  readonly #texts = new Map<string, number>();
  /** The next number of each name that is numbered: a server can have a hundred thousand definitions of one name. */
  readonly #numbers = new Map<string, number>();

  /** @param taken Type names that no generated type may have. */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** The type of a schema as text. `declarations()` then includes the named types it uses. */
  typeOf(schema: unknown, source: SchemaSource): string {
    return printType(this.nodeOf(schema, source));
  }

  nodeOf(schema: unknown, source: SchemaSource): TypeNode {
    const conversion: Conversion = {
      source,
      budget: { nodes: schemaBounds.nodesMax },
      linksLeft: schemaBounds.linksMax,
      byRef: new Map(),
      identityOf: createIdentities(source.root, this.#texts),
    };
    const node = toTypeNode(schema, this.#placeOf(conversion, undefined));
    // The map grows while it is read, so that definitions are converted one after the other and not recursively.
    for (const [ref, definition] of conversion.byRef) {
      if (definition.isDone) continue;
      definition.isDone = true;
      definition.node = toTypeNode(resolveRef(source.root, ref), this.#placeOf(conversion, definition));
    }
    // A schema that refers to its own root has got a name.
    const self = schema === source.root ? conversion.byRef.get("#") : undefined;
    return self ? { kind: "name", name: self.name } : node;
  }

  /** The type behind a name of this scope. */
  lookUp(name: string): TypeNode | undefined {
    return this.#byName.get(name)?.node;
  }

  /**
   * Returns the roots with long repeated types replaced by names, and does the same within the definitions they refer to. Names
   * are unique within the whole declaration.
   */
  share(roots: readonly Root[]): TypeNode[] {
    const definitions = [...this.#definitions];
    const known = definitions.map(({ name, node }) => ({ node, hint: name, name }));
    const { nodes, shared } = shareTypes([...roots, ...known], (hint, content) => this.#nameForContent(hint, content));
    for (const [index, definition] of definitions.entries()) definition.node = nodes[roots.length + index] ?? definition.node;
    for (const { name, node } of shared) this.#add({ identity: `shared ${name}`, name, doc: [] }).node = node;
    return nodes.slice(0, roots.length);
  }

  /** The names that a type uses, directly or through other named types, in the order in which they occur. */
  namesIn(type: TypeNode): Set<string> {
    const names = new Set<string>();
    const collect = (node: TypeNode) => {
      if (node.kind === "name") names.add(node.name);
      else eachPart(node, collect);
    };
    collect(type);
    for (const name of names) collect(this.lookUp(name) ?? unknownType);
    return names;
  }

  /** All named types as text, in the order of their first use. */
  declarations(): string[] {
    return this.#definitions.map(({ name }) => this.declarationOf(name, { hasDocs: true }));
  }

  /** `export type …`, with its comments if wanted. */
  declarationOf(name: string, { hasDocs }: { hasDocs: boolean }): string {
    const definition = this.#byName.get(name);
    if (!definition) return "";
    const comment = hasDocs ? blockComment(definition.doc) : "";
    return `${comment}export type ${name} = ${printType(hasDocs ? definition.node : withoutDocs(definition.node))};\n`;
  }

  #placeOf(conversion: Conversion, owner: Definition | undefined): Place {
    const refer = (ref: string, place: Place) => this.#refer(conversion, { ref, owner: place.isGuarded ? undefined : owner });
    return { depth: 0, isGuarded: false, budget: conversion.budget, refer };
  }

  /** @param link.owner The definition that refers to it outside of any object, array or tuple, if one does. */
  #refer(conversion: Conversion, link: { ref: string; owner: Definition | undefined }): TypeNode {
    const definition = conversion.byRef.get(link.ref) ?? this.#define(conversion, link.ref);
    if (!definition) return unknownType;
    if (link.owner) {
      if (reaches(definition, link.owner, conversion)) return unknownType;
      link.owner.unguarded.add(definition);
    }
    return { kind: "name", name: definition.name };
  }

  #define(conversion: Conversion, ref: string): Definition | undefined {
    const { source, byRef, identityOf } = conversion;
    const target = resolveRef(source.root, ref);
    if (target === undefined || byRef.size >= schemaBounds.definitionsMax) return undefined;
    const identity = identityOf(ref);
    const definition =
      this.#byIdentity.get(identity) ??
      this.#add({ identity, name: this.#nameFor(ref, source.nameHint), doc: schemaLines(target) });
    byRef.set(ref, definition);
    return definition;
  }

  #add(fresh: Pick<Definition, "identity" | "name" | "doc">): Definition {
    const definition: Definition = { ...fresh, node: unknownType, unguarded: new Set(), isDone: false };
    this.#definitions.push(definition);
    this.#byIdentity.set(definition.identity, definition);
    this.#byName.set(definition.name, definition);
    this.#taken.add(definition.name);
    return definition;
  }

  /** A plain name if one is free; otherwise one made from the content, so that it does not depend on the other declarations. */
  #nameForContent({ own, outer }: NameHint, content: TypeNode): string {
    const plain = toTypeName(own);
    const full = toTypeName(`${outer} ${plain}`);
    const free = [plain, full].find((name) => isTypeName(name) && !this.#taken.has(name));
    const base = isTypeName(plain) ? plain : `Type${plain}`;
    const name = free ?? withSuffix(base, { text: printLine(content), used: this.#taken });
    this.#taken.add(name);
    return name;
  }

  #nameFor(ref: string, nameHint: string): string {
    const hint = toTypeName(nameHint);
    const own = toTypeName(nameOfRef(ref));
    const candidates = own === "" ? [hint] : [own, hint + own];
    const free = candidates.find((name) => isTypeName(name) && !this.#taken.has(name));
    if (free !== undefined) return free;
    const base = `${hint}${own}Type`;
    let number = this.#numbers.get(base) ?? 2;
    while (this.#taken.has(`${base}${number}`)) number += 1;
    this.#numbers.set(base, number + 1);
    return `${base}${number}`;
  }
}

/** `create_issue args` → `CreateIssueArgs`. Keeps only ASCII letters and digits, so the result may be empty. */
function toTypeName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return words.join("").slice(0, typeNameCharsMax);
}

const typeNameCharsMax = 60;

interface Definition {
  name: string;
  identity: string;
  node: TypeNode;
  doc: string[];
  /** The definitions of which this type is an alias, a union or an intersection. TypeScript forbids a cycle of these. */
  unguarded: Set<Definition>;
  isDone: boolean;
}

/** The conversion of one schema, with the definitions it refers to. */
interface Conversion {
  source: SchemaSource;
  budget: { nodes: number };
  /** References that may still be followed to find cycles. */
  linksLeft: number;
  byRef: Map<string, Definition>;
  identityOf: (ref: string) => string;
}

function isTypeName(name: string): boolean {
  return /^[A-Z]/.test(name);
}

/** Also true where too much was followed to tell. */
function reaches(from: Definition, to: Definition, conversion: Conversion): boolean {
  const reached = new Set([from]);
  for (const definition of reached) {
    conversion.linksLeft -= definition.unguarded.size;
    if (definition === to || conversion.linksLeft < 0) return true;
    for (const next of definition.unguarded) reached.add(next);
  }
  return false;
}
