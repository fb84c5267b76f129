import { blockComment, schemaLines } from "./jsdoc.ts";
import { printType } from "./print.ts";
import { createIdentities, nameOfRef, resolveRef } from "./refs.ts";
import { type Place, schemaBounds, toTypeNode } from "./schema.ts";
import { type TypeNode, unknownType } from "./type-node.ts";

export interface SchemaSource {
  /** The document that `$ref`s in the schema point into. */
  root: unknown;
  /** Names the type where the schema has no name of its own, and tells apart equal names with different meanings. */
  nameHint: string;
}

/**
 * The named types of one declaration. Every `$ref` becomes a named type, declared once however many tools share it;
 * the same name for different definitions is told apart. The text compiles under `tsc --strict`, whatever the schema.
 */
export class TypeScope {
  readonly #taken: Set<string>;
  readonly #definitions: Definition[] = [];
  readonly #byIdentity = new Map<string, Definition>();
  readonly #byName = new Map<string, Definition>();
  readonly #texts = new Map<string, number>();

  /** @param taken Type names the declaration needs for itself. */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** The type of a schema as text. Its named types are in `declarations()` from then on. */
  typeOf(schema: unknown, source: SchemaSource): string {
    return printType(this.nodeOf(schema, source));
  }

  nodeOf(schema: unknown, source: SchemaSource): TypeNode {
    const conversion: Conversion = {
      source,
      budget: { nodes: schemaBounds.nodesMax },
      byRef: new Map(),
      identityOf: createIdentities(source.root, this.#texts),
    };
    const node = toTypeNode(schema, this.#placeOf(conversion, undefined));
    // Definitions wait in the map until the one before is done: it grows while it is read, and nothing recurses.
    for (const [ref, definition] of conversion.byRef) {
      if (definition.isDone) continue;
      definition.isDone = true;
      definition.node = toTypeNode(resolveRef(source.root, ref), this.#placeOf(conversion, definition));
    }
    // A schema that refers to itself has a name by now.
    const self = schema === source.root ? conversion.byRef.get("#") : undefined;
    return self ? { kind: "name", name: self.name } : node;
  }

  /** What a name of this scope stands for. */
  lookUp(name: string): TypeNode | undefined {
    return this.#byName.get(name)?.node;
  }

  /** How many named types there are. */
  get count(): number {
    return this.#definitions.length;
  }

  /** One `export type` each, in the order they were first needed, without the first `start`. */
  declarations(start = 0): string[] {
    return this.#definitions
      .slice(start)
      .map(({ name, node, doc }) => `${blockComment(doc)}export type ${name} = ${printType(node)};\n`);
  }

  /** Takes back all but the first `count` named types, for a tool that did not fit. */
  rollBackTo(count: number): void {
    for (const definition of this.#definitions.splice(count)) {
      this.#byIdentity.delete(definition.identity);
      this.#byName.delete(definition.name);
      this.#taken.delete(definition.name);
    }
  }

  #placeOf(conversion: Conversion, owner: Definition | undefined): Place {
    const refer = (ref: string, place: Place) => this.#refer(conversion, { ref, owner: place.isGuarded ? undefined : owner });
    return { depth: 0, isGuarded: false, budget: conversion.budget, refer };
  }

  /** @param link.owner The type that would become an alias of the referred one, or a union or intersection with it. */
  #refer(conversion: Conversion, link: { ref: string; owner: Definition | undefined }): TypeNode {
    const definition = conversion.byRef.get(link.ref) ?? this.#define(conversion, link.ref);
    if (!definition) return unknownType;
    if (link.owner) {
      if (reaches(definition, link.owner)) return unknownType;
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

  #nameFor(ref: string, nameHint: string): string {
    const hint = toTypeName(nameHint);
    const own = toTypeName(nameOfRef(ref));
    const candidates = own === "" ? [hint] : [own, hint + own];
    const free = candidates.find((name) => isTypeName(name) && !this.#taken.has(name));
    if (free !== undefined) return free;
    let number = 2;
    while (this.#taken.has(`${hint}${own}Type${number}`)) number += 1;
    return `${hint}${own}Type${number}`;
  }
}

/** `create_issue args` → `CreateIssueArgs`. Letters and digits of ASCII only; nothing left of other names. */
export function toTypeName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return words.join("").slice(0, typeNameCharsMax);
}

const typeNameCharsMax = 60;

interface Definition {
  name: string;
  identity: string;
  node: TypeNode;
  doc: string[];
  /** What this type is an alias of, or a union or intersection with: TypeScript forbids a circle of these. */
  unguarded: Set<Definition>;
  isDone: boolean;
}

/** The conversion of one schema, with the definitions it refers to. */
interface Conversion {
  source: SchemaSource;
  budget: { nodes: number };
  byRef: Map<string, Definition>;
  identityOf: (ref: string) => string;
}

function isTypeName(name: string): boolean {
  return /^[A-Z]/.test(name);
}

function reaches(from: Definition, to: Definition): boolean {
  const reached = new Set([from]);
  for (const definition of reached) {
    if (definition === to) return true;
    for (const next of definition.unguarded) reached.add(next);
  }
  return false;
}
