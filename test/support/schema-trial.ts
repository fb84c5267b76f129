import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import ts from "typescript";
import { declareClient } from "../../core/codegen/declaration.ts";
import { quote } from "../../core/codegen/literals.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { nameTools } from "../../core/registry/identifiers.ts";
import { type RandomDocument, randomDocument } from "./random-schemas.ts";
import { closedPart, expressiblePart, mutate, type Random, seeded, valueFor } from "./random-values.ts";
import { diagnose } from "./typescript.ts";

/** The results of generating clients for many random schemas. */
export interface Trial {
  schemas: number;
  /** Compiler errors in the declarations themselves. */
  broken: string[];
  /** Places with `any` where the schema has a type. */
  leaks: string[];
  valid: { tried: number; refused: string[] };
  invalid: { tried: number; passed: string[] };
}

const toolsPerServer = 40;
const valuesPerSchema = 4;
const mutantsPerSchema = 6;

/** Compiles clients of random tools, with calls whose arguments a validator has classified. */
export function tryRandomSchemas({ count, seed }: { count: number; seed: number }): Trial {
  const documents = fc.sample(randomDocument, { seed, numRuns: count });
  const random = seeded(seed);
  const files: Record<string, string> = {};
  const calls = new Map<string, Call>();
  const leaks: string[] = [];
  for (let start = 0; start < count; start += toolsPerServer) {
    const id = `server${start / toolsPerServer}`;
    const batch = documents.slice(start, start + toolsPerServer);
    const tools = batch.map(({ schema }, index): Tool => ({ name: `tool_${index}`, inputSchema: schema, outputSchema: schema }));
    const { declaration } = declareClient({ server: { id, title: id, summary: id, examples: [] }, tools });
    files[`mcp-clients/${id}.d.ts`] = declaration;
    leaks.push(...anyIn(declaration).map((line) => `${id}: ${line}`));
    const names = nameTools(tools);
    const lines = [`import * as client from "mcp-clients/${id}";`];
    for (const [index, document] of batch.entries()) {
      for (const call of callsOf(document, random)) {
        lines.push(`client.${names.get(`tool_${index}`)}(${sourceOf(call.value)});`);
        calls.set(`${id}.ts:${lines.length}`, call);
      }
    }
    files[`${id}.ts`] = lines.join("\n");
  }

  const complaints = diagnose(files);
  const refused = new Set(complaints.map((complaint) => complaint.split(": ", 1)[0] ?? ""));
  const told = (isValid: boolean, isRefused: boolean) =>
    [...calls]
      .filter(([at, call]) => call.isValid === isValid && refused.has(at) === isRefused)
      .map(
        ([at, { schema, value }]) =>
          `${complaints.find((complaint) => complaint.startsWith(`${at}: `)) ?? at}\n${JSON.stringify(schema)}\n${JSON.stringify(value)}`,
      );
  return {
    schemas: count,
    broken: complaints.filter((complaint) => complaint.startsWith("mcp-clients/")),
    leaks,
    valid: { tried: [...calls.values()].filter((call) => call.isValid).length, refused: told(true, true) },
    invalid: { tried: [...calls.values()].filter((call) => !call.isValid).length, passed: told(false, false) },
  };
}

interface Call {
  schema: unknown;
  value: unknown;
  isValid: boolean;
}

function callsOf({ dialect, schema }: RandomDocument, random: Random): Call[] {
  const verdict = validatorOf(dialect, schema);
  const closedVerdict = validatorOf(dialect, Object(closedPart(schema)));
  const expressibleVerdict = validatorOf(dialect, withoutDefaulted(expressiblePart(schema), schema.properties));
  const values = Array.from({ length: valuesPerSchema }, () => valueFor(schema, { root: schema, random })).filter(
    (value) => isJson(value) && verdict(value) === "valid" && closedVerdict(value) === "valid",
  );
  const mutants =
    values.length === 0
      ? []
      : Array.from({ length: mutantsPerSchema }, (_, index) => mutate(values[index % values.length], random));
  return [
    ...values.map((value): Call => ({ schema, value, isValid: true })),
    ...mutants
      .filter((value) => verdict(value) === "invalid" && expressibleVerdict(value) === "invalid")
      .map((value): Call => ({ schema, value, isValid: false })),
  ];
}

/** An argument with a default is optional, even if it is in `required`. */
function withoutDefaulted(part: unknown, properties: unknown): object {
  const { required, ...rest } = part as { required: string[] };
  const hasDefault = (name: string) => Object.hasOwn((properties as Record<string, object>)[name] ?? {}, "default");
  return { ...rest, required: required.filter((name) => !hasDefault(name)) };
}

/** For a dangling reference the value may have a hole, which is not JSON. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  return typeof value === "object" && value !== null ? Object.values(value).every(isJson) : value !== undefined;
}

/** The schemas are not validated themselves: invalid ones are part of the trial. */
const options = { strict: false, validateFormats: false, validateSchema: false, logger: false, addUsedSchema: false } as const;
const validators = { "draft-07": new Ajv(options), "2020-12": new Ajv2020(options) };

type Verdict = "valid" | "invalid" | "none";

/**
 * The verdict is "none" if the validator rejects the schema, recurses endlessly, or skips a value, as it does with `__proto__`.
 */
function validatorOf(dialect: RandomDocument["dialect"], schema: object): (value: unknown) => Verdict {
  const validate = compile(dialect, schema);
  return (value) => {
    try {
      if (validate === undefined || JSON.stringify(value).includes('"__proto__"')) return "none";
      return validate(value) === true ? "valid" : "invalid";
    } catch {
      return "none";
    }
  };
}

function compile(dialect: RandomDocument["dialect"], schema: object) {
  try {
    return validators[dialect].compile(schema);
  } catch {
    // For example a dangling reference.
    return undefined;
  } finally {
    validators[dialect].removeSchema(schema);
  }
}

/** A JSON value as a JavaScript expression. `__proto__` is computed, because a plain key would set the prototype. */
function sourceOf(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(sourceOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `${name === "__proto__" ? '["__proto__"]' : quote(name)}: ${sourceOf(item)}`)
    .join(", ")} }`;
}

/** Every `any` in the signatures with a typed result, with the text around it. */
function anyIn(declaration: string): string[] {
  const file = ts.createSourceFile("declaration.d.ts", declaration, ts.ScriptTarget.ES2024, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name?.text.startsWith("$")) return;
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(node.parent.getText().slice(0, 200));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
