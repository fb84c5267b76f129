import ts from "typescript";
import { isRecord } from "../../../../core/json.ts";
import type { EntrySignature, SignatureWanted } from "../../../../core/program/entry-signature.ts";
import { entryComment } from "./comments.ts";
import { withDefaults } from "./defaults.ts";
import { type Entry, findEntry } from "./entry.ts";
import { isUndeclared, schemaOf } from "./json-schema.ts";
import { type JsonSchema, NotJson } from "./place.ts";

/**
 * What a program takes and returns, as the types, default values and comments of its entrypoint say.
 * @throws NotJson for what JSON cannot say, with the place
 */
export function entrySignature(checker: ts.TypeChecker, file: ts.SourceFile, wanted: SignatureWanted): EntrySignature {
  const entry = findEntry(checker, file);
  if (entry.isOverloaded && (wanted.input || wanted.output)) throw overloaded(entry.node ?? file);
  const comment = entryComment(file, entry.node);
  const inputSchema = wanted.input ? withComments(inputOf(checker, entry), comment.parameters) : anything;
  const output = wanted.output ? outputOf(checker, entry, file) : undefined;
  return {
    description: comment.description,
    tags: [...comment.tags],
    inputSchema,
    ...(output ? { outputSchema: output } : {}),
  };
}

function overloaded(node: ts.Node): NotJson {
  return new NotJson(
    "A saved program has one type for its arguments; this is one of several overloads. Use a union, or give inputSchema and outputSchema.",
    node,
  );
}

const anything: JsonSchema = { type: "object" };

function inputOf(checker: ts.TypeChecker, entry: Entry): JsonSchema {
  const { parameter, others } = entry;
  const further = others.find(
    (other) => other.initializer === undefined && other.questionToken === undefined && !other.dotDotDotToken,
  );
  if (further) throw new NotJson("A saved program takes one object with named arguments; this is a second parameter.", further);
  if (parameter === undefined)
    return entry.isFunction ? { type: "object", properties: {}, additionalProperties: false } : anything;
  const { node, names } = parameter;
  const isKnown = !isUndeclared(parameter.type, node);
  const type = isKnown ? checker.getNonNullableType(parameter.type) : parameter.type;
  if (isKnown && type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return openObject(names);
  const schema = schemaOf(type, { path: "args", node }, { checker, use: "input" });
  if (!mayBeObject(schema)) {
    throw new NotJson(
      `A saved program takes one object with named arguments, such as ({ city }: { city: string }); this is ${checker.typeToString(type)}.`,
      node,
    );
  }
  // `object` says no more than that it is one.
  if (Object.keys(schema).length === 0) return anything;
  return withDefaults(schema, parameter.pattern, checker);
}

function mayBeObject(schema: JsonSchema): boolean {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.filter(isRecord).some(mayBeObject);
  return schema.type === "object" || schema.$ref !== undefined || Object.keys(schema).length === 0;
}

/** The arguments that an untyped program reads: nothing is known but their names. */
function openObject(names: readonly string[]): JsonSchema {
  return names.length === 0 ? anything : { type: "object", properties: Object.fromEntries(names.map((name) => [name, {}])) };
}

function withComments(schema: JsonSchema, comments: ReadonlyMap<string, string>): JsonSchema {
  const { properties } = schema;
  if (comments.size === 0 || !isRecord(properties)) return schema;
  const documented = Object.entries(properties).map(([name, property]) => {
    const description = comments.get(name);
    return [name, description === undefined || !isRecord(property) ? property : { description, ...property }];
  });
  return { ...schema, properties: Object.fromEntries(documented) };
}

/** Undefined where nothing is known of it. */
function outputOf(checker: ts.TypeChecker, { outputs }: Entry, file: ts.SourceFile): JsonSchema | undefined {
  const schemas = outputs.flatMap(({ type, node }) => {
    const awaited = checker.getAwaitedType(type) ?? type;
    const isNothing = awaited.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never);
    if (isNothing) return [];
    const place = node.getSourceFile() === file ? node : file;
    return [schemaOf(checker.getWidenedType(awaited), { path: "the result", node: place }, { checker, use: "output" })];
  });
  const distinct = new Map(schemas.map((schema) => [JSON.stringify(schema), schema]));
  const [only] = distinct.values();
  if (only === undefined || [...distinct.values()].some((schema) => Object.keys(schema).length === 0)) return undefined;
  // Two that have definitions of their own cannot be put side by side.
  if (distinct.size > 1) return [...distinct.values()].some(({ $defs }) => $defs) ? undefined : { anyOf: [...distinct.values()] };
  return only;
}
