import ts from "typescript";
import { unsaid } from "../costly-types.ts";
import { libFolder, missingName } from "../places.ts";
import { alternativesSchema, orNull } from "./alternatives.ts";
import { commentOf } from "./comments.ts";
import { type JsonSchema, NotJson, type Place } from "./place.ts";
import { signatureLimits } from "./signature-limits.ts";

interface SchemaOptions {
  checker: ts.TypeChecker;
  /** Whether a program reads the value. What it returns is written as JSON, where a Date becomes a text. */
  use: "input" | "output";
}

/**
 * The JSON Schema of the values of a type.
 * @throws NotJson
 */
export function schemaOf(type: ts.Type, place: Omit<Place, "depth">, options: SchemaOptions): JsonSchema {
  const schemas = new TypeSchemas(options);
  const schema = schemas.value(type, { ...place, depth: 0 });
  return Object.keys(schemas.definitions).length === 0 ? schema : { ...schema, $defs: schemas.definitions };
}

/** The schemas of one type and those inside it. A type that contains itself is a definition. */
class TypeSchemas {
  readonly definitions: Record<string, JsonSchema> = {};
  readonly #checker: ts.TypeChecker;
  readonly #use: SchemaOptions["use"];
  /** The types that are being written. */
  readonly #open = new Set<ts.Type>();
  /** The names of the definitions of those that were met inside themselves. */
  readonly #names = new Map<ts.Type, string>();
  #types = 0;

  constructor({ checker, use }: SchemaOptions) {
    this.#checker = checker;
    this.#use = use;
  }

  of(type: ts.Type, place: Place): JsonSchema {
    this.#types += 1;
    if (this.#types > signatureLimits.typesMax || place.depth > signatureLimits.depthMax) {
      throw new NotJson(`${place.path} has a type that is too large for a schema. Use a simpler one.`, place.node);
    }
    if (isUndeclared(type, place.node)) {
      const name = this.#checker.typeToString(type);
      throw new NotJson(`${place.path} has the type ${name}, which is not declared here. Declare it in the program.`, place.node);
    }
    return this.#primitive(type) ?? this.#compound(type, place);
  }

  /** A value by itself or in a list: what a program returns as undefined is nothing or null there. */
  value(type: ts.Type, place: Place): JsonSchema {
    const schema = this.of(type, place);
    return this.#use === "output" && type.isUnion() && acceptsUndefined(type) ? orNull(schema) : schema;
  }

  #primitive({ flags }: ts.Type): JsonSchema | undefined {
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) return {};
    if (flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping)) return { type: "string" };
    if (flags & ts.TypeFlags.Number) return { type: "number" };
    if (flags & ts.TypeFlags.Boolean) return { type: "boolean" };
    if (flags & ts.TypeFlags.Null) return { type: "null" };
    return undefined;
  }

  #compound(type: ts.Type, place: Place): JsonSchema {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return {};
    if (flags & ts.TypeFlags.Never) return { not: {} };
    if (flags & ts.TypeFlags.BigIntLike)
      throw new NotJson(`${place.path} is a bigint, which JSON does not have. Use a string.`, place.node);
    if (flags & ts.TypeFlags.ESSymbolLike) throw new NotJson(`${place.path} is a symbol, which JSON does not have.`, place.node);
    if (type.isUnion()) return this.#recursive(type, () => this.#alternatives(type, place));
    if (flags & ts.TypeFlags.Literal) return this.#alternatives(type, place);
    if (flags & ts.TypeFlags.TypeParameter)
      return this.of(this.#checker.getBaseConstraintOfType(type) ?? this.#checker.getUnknownType(), deeper(place));
    if (type.isIntersection()) {
      // A brand, `string & { __kind: "id" }`, is no part of the value.
      const primitive = type.types.map((part) => this.#primitive(part)).find((schema) => schema?.type !== undefined);
      if (primitive) return primitive;
    }
    return this.#recursive(type, () => this.#object(type, place));
  }

  #alternatives(type: ts.Type, place: Place): JsonSchema {
    return alternativesSchema(type, (part) => this.of(part, deeper(place)), place);
  }

  #recursive(type: ts.Type, write: () => JsonSchema): JsonSchema {
    const known = this.#names.get(type) ?? (this.#open.has(type) ? this.#definitionName(type) : undefined);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    this.#open.add(type);
    try {
      const schema = write();
      const name = this.#names.get(type);
      if (name === undefined) return schema;
      this.definitions[name] = schema;
      return { $ref: `#/$defs/${name}` };
    } finally {
      this.#open.delete(type);
    }
  }

  #definitionName(type: ts.Type): string {
    const own = (type.aliasSymbol ?? type.getSymbol())?.getName() ?? "";
    const base = /^[A-Za-z]\w*$/.test(own) ? own : "Node";
    const taken = new Set(this.#names.values());
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}${number}`;
    this.#names.set(type, name);
    return name;
  }

  #object(type: ts.Type, place: Place): JsonSchema {
    const checker = this.#checker;
    const why = unsaid[type.getSymbol()?.getName() ?? ""];
    if (why !== undefined) {
      const given = this.#use === "input" ? "inputSchema" : "outputSchema";
      throw new NotJson(`${place.path} has a type that ${why}: write a simpler one, or give ${given}.`, place.node);
    }
    if (checker.isTupleType(type)) return this.#tuple(type, place);
    if (checker.isArrayType(type)) {
      const item = checker.getTypeArguments(type as ts.TypeReference)[0];
      return { type: "array", ...(item && { items: this.value(item, deeper(place, "[]")) }) };
    }
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      throw new NotJson(`${place.path} is a function, which JSON does not have.`, place.node);
    }
    return this.#native(type, place) ?? this.#converted(type, place) ?? this.#members(type, place);
  }

  #tuple(type: ts.Type, place: Place): JsonSchema {
    const { target } = type as ts.TupleTypeReference;
    const types = this.#checker.getTypeArguments(type as ts.TypeReference);
    const isFixed = (index: number) => ((target.elementFlags[index] ?? 0) & ts.ElementFlags.Fixed) !== 0;
    const variable = types.findIndex((_item, index) => !isFixed(index));
    const fixed = variable === -1 ? types : types.slice(0, variable);
    // Those after the variable part have no place of their own in JSON Schema.
    const others = types.slice(fixed.length).map((item) => this.value(item, deeper(place, "[]")));
    const items = others.length > 1 ? { anyOf: others } : (others[0] ?? false);
    return {
      type: "array",
      prefixItems: fixed.map((item, index) => this.value(item, deeper(place, `[${index}]`))),
      ...{ items, minItems: target.minLength },
    };
  }

  /** Objects of the language that are no data. */
  #native(type: ts.Type, place: Place): JsonSchema | undefined {
    const { path, node } = place;
    const symbol = type.getSymbol();
    const name = symbol?.getName() ?? "";
    const files = (symbol?.declarations ?? []).map((declaration) => declaration.getSourceFile().fileName);
    // Of a global without types, such as URL, nothing else is known.
    const isGlobal = files.length > 0 && files.every((file) => file === missingName);
    if (!isGlobal && !files.some((file) => file.startsWith(libFolder))) return undefined;
    if (/^URL(?:SearchParams)?$/.test(name)) {
      if (this.#use === "output") return { type: "string" };
      throw new NotJson(`${path} is a ${name}, which JSON does not have. Use a string.`, node);
    }
    if (name === "Date" && this.#use === "output") return { type: "string", format: "date-time" };
    if (/Iterator|Generator/.test(name)) throw new NotJson(`${path} is a ${name}, which JSON does not have. Use a list.`, node);
    if (name === "Date") throw new NotJson(`${path} is a Date, which JSON does not have. Use a string.`, node);
    const isNoData = notData.test(name) || isGlobal;
    if ((isNoData && this.#use === "input") || noContent.test(name))
      throw new NotJson(`${path} is a ${name}, which JSON does not have.`, node);
    return isNoData ? this.#written(type, name, place) : undefined;
  }

  /** As the runtime writes it. Of most, their type does not say that. */
  #written(type: ts.Type, name: string, place: Place): JsonSchema {
    const [first, second] = this.#checker.getTypeArguments(type as ts.TypeReference);
    if (first && /Set$/.test(name)) return { type: "array", items: this.value(first, deeper(place, "[]")) };
    if (first && /^Promise/.test(name)) return this.value(this.#checker.getAwaitedType(first) ?? first, deeper(place));
    const hasNames = first && (first.flags & ts.TypeFlags.StringLike) !== 0;
    if (!hasNames || !second || !/Map$/.test(name)) return {};
    return { type: "object", additionalProperties: this.value(second, deeper(place, "[…]")) };
  }

  /** An object that says itself what it is as JSON. */
  #converted(type: ts.Type, place: Place): JsonSchema | undefined {
    const method = this.#use === "output" ? type.getProperty("toJSON") : undefined;
    const [call] = method ? this.#checker.getTypeOfSymbolAtLocation(method, place.node).getCallSignatures() : [];
    return call && this.value(call.getReturnType(), deeper(place));
  }

  #members(type: ts.Type, place: Place): JsonSchema {
    const checker = this.#checker;
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const property of checker.getPropertiesOfType(type)) {
      const name = property.getName();
      // Members under a symbol or with a private name do not exist in JSON, and what a class declares is no part of its objects.
      if (name.startsWith("__@") || isPrivate(property) || (this.#use === "output" && isOfClass(property))) continue;
      const node = property.valueDeclaration ?? place.node;
      const at = deeper({ ...place, node: isOwnNode(node) ? node : place.node }, `.${name}`);
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const declared = checker.getTypeOfSymbolAtLocation(property, place.node);
      const member = isOptional ? withoutUndefined(checker, declared) : declared;
      // As in `{ id: string; name?: never }`, it must not be there.
      if (isOptional && member.flags & ts.TypeFlags.Never) continue;
      Object.defineProperty(properties, name, {
        value: { ...this.of(member, at), ...commentOf(checker, property) },
        ...{ enumerable: true, configurable: true, writable: true },
      });
      if (!isOptional && !acceptsUndefined(declared)) required.push(name);
    }
    // The rest by any text, by number, or by a text with a pattern.
    const [others] = checker.getIndexInfosOfType(type).filter(({ keyType }) => !(keyType.flags & ts.TypeFlags.ESSymbol));
    const rest = checker.getIndexInfoOfType(type, ts.IndexKind.String) ?? others;
    const hasMembers = Object.keys(properties).length > 0;
    return {
      type: "object",
      ...(hasMembers ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...(rest ? { additionalProperties: this.of(rest.type, deeper(place, "[…]")) } : {}),
      ...(this.#use === "input" && !rest && hasMembers ? { additionalProperties: false } : {}),
    };
  }
}

const notData =
  /^(?:(?:Readonly|Weak)?(?:Map|Set)|WeakRef|RegExp|Promise|PromiseLike|Error|ArrayBuffer|SharedArrayBuffer|DataView|\w*Array|(?:Async)?(?:Iterator|Iterable|Generator)\w*)$/;

/** What a program returns of these arrives empty. */
const noContent =
  /^(?:Request|Response|Headers|FormData|Blob|File|WebSocket|EventTarget|Event|Abort(?:Signal|Controller)|(?:Readable|Writable|Transform)Stream)$/;

function deeper(place: Place, step = ""): Place {
  return { ...place, path: place.path + step, depth: place.depth + 1 };
}

function isPrivate({ valueDeclaration }: ts.Symbol): boolean {
  const name = valueDeclaration && ts.getNameOfDeclaration(valueDeclaration);
  return name !== undefined && ts.isPrivateIdentifier(name);
}

/** A method or accessor: it stands in the prototype. */
function isOfClass({ flags, valueDeclaration: declaration }: ts.Symbol): boolean {
  const isAtClass = declaration !== undefined && ts.isClassLike(declaration.parent);
  return isAtClass && (flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor)) !== 0;
}

/** To the compiler, a name that it does not find is an alias of `any`; the ones of a program's own are none. In JavaScript, types are comments. */
export function isUndeclared({ flags, aliasSymbol }: ts.Type, node: ts.Node): boolean {
  const isAlias = (flags & ts.TypeFlags.Any) !== 0 && aliasSymbol !== undefined;
  return isAlias && (node.flags & ts.NodeFlags.JavaScriptFile) === 0;
}

function isOwnNode(node: ts.Node): boolean {
  return node.getSourceFile().fileName.startsWith("/src/");
}

function withoutUndefined(checker: ts.TypeChecker, type: ts.Type): ts.Type {
  // The compiler makes `{}` of it, which is an object.
  if (type.flags & ts.TypeFlags.Unknown) return type;
  const isNullable = type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Null);
  // `getNonNullableType` would take null away as well, which is a value.
  return isNullable ? type : checker.getNonNullableType(type);
}

function acceptsUndefined(type: ts.Type): boolean {
  return type.isUnion() ? type.types.some(acceptsUndefined) : (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0;
}
