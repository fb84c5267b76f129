import { z } from "zod";
import { toolDefinitions } from "../../../core/discovery/tool-definitions.ts";
import { ErrorCode, OrchestratorError, toPublicError } from "../../../core/errors.ts";
import { registryJsonSchema } from "../../../core/registry/registry-schema.ts";
import { propertiesOf, type Route, routesOfWorker, variablesOfCommands } from "./declared.ts";
import { bindings, codes, commandVariables, endpoints, fields as fieldWords } from "./words.ts";

/** The text of docs/reference.md, and what in it has no words. */
export function reference(): { text: string; wordless: string[] } {
  const wordless: string[] = [];
  const say = (name: string, words: string | undefined): string => {
    if (!words) wordless.push(name);
    return words ?? "";
  };
  const sections = [
    "# Reference",
    "Written by `npm run reference` from the source: what there is. What it is for is in the other pages.",
    "## Variables and secrets of the Worker",
    "[Deploying](deploy.md) has examples. Those that are secrets are set by `npx wrangler secret put`, or in `.dev.vars` for `npm start`.",
    table(
      ["variable", "what it is"],
      variables().map(({ name, words }) => [code(name), say(name, words)]),
    ),
    "## Variables of the commands",
    table(
      ["variable", "what it is"],
      [...new Set([...Object.keys(commandVariables), ...variablesOfCommands()])].map((name) => [
        code(name),
        say(name, commandVariables[name]),
      ]),
    ),
    "## Bindings",
    "In `wrangler.toml`, and under `npm start` in the configuration that it writes.",
    table(
      ["binding", "what it is"],
      bindingsOf().map(({ name, words }) => [code(name), say(name, words || bindings[name])]),
    ),
    "## Endpoints",
    table(
      ["path", "methods", "what it is"],
      routes().map(({ path, methods }) => [code(path), methods, say(path, endpoints[path])]),
    ),
    "## Tools",
    ...toolDefinitions.flatMap(({ name, description, inputSchema }) => [`### ${name}`, description, fields(inputSchema)]),
    "## The registry file",
    fields(registryJsonSchema(), "servers[]"),
    "## Error codes",
    "The phase is the usual one; an error may name another.",
    table(
      ["code", "phase", "may succeed later", "means"],
      ErrorCode.options.map((name) => {
        const { phase, retryable } = toPublicError(new OrchestratorError(name, "."));
        return [code(name), phase, retryable ? "yes" : "no", say(name, codes[name])];
      }),
    ),
  ];
  return { text: `${sections.join("\n\n")}\n`, wordless };
}

function variables() {
  const own = propertiesOf("worker/settings.ts", "Variables");
  const operator = propertiesOf("worker/operator-settings.ts", "OperatorVariables");
  return [...propertiesOf("worker/identity-settings.ts", "IdentityVariables"), ...operator, ...own].filter(
    ({ name }) => name !== "OAUTH_KV",
  );
}

function bindingsOf() {
  const all = [
    ...propertiesOf("worker/http/env.ts", "Env"),
    ...propertiesOf("worker/bindings.ts", "SessionEnv"),
    ...propertiesOf("worker/sandbox/compiler/compiler.ts", "CompilerEnv"),
  ];
  return [...new Map(all.map((binding) => [binding.name, binding])).values()];
}

/** Each path once. What lies below a document of `/.well-known` answers like it. */
function routes(): { path: string; methods: string }[] {
  const shown = routesOfWorker().filter(({ path }) => path !== "/*" && !/\/\*$/.test(path));
  const byPath = Map.groupBy(shown, ({ path }: Route) => path);
  return [...byPath].map(([path, found]) => {
    const methods = [...new Set(found.map(({ method }) => method))];
    return { path, methods: methods.includes("ALL") ? "any" : methods.join(", ") };
  });
}

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  pattern: z.string().optional(),
  get properties() {
    return z.record(z.string(), Schema).optional();
  },
  required: z.array(z.string()).optional(),
  get items() {
    return Schema.optional();
  },
  get anyOf() {
    return z.array(Schema).optional();
  },
  get oneOf() {
    return z.array(Schema).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), Schema]).optional();
  },
});
type Schema = z.infer<typeof Schema>;

/** A row for each field of a JSON Schema, those of objects inside it too. */
function fields(schema: object, below?: string): string {
  const rows = new Map<string, string[]>();
  collect(Schema.parse(schema), "", rows);
  const shown = [...rows].filter(([path]) => below === undefined || path.startsWith(`${below}.`));
  return table(
    ["field", "type", "default", "what it is"],
    shown.map(([path, cells]) => [code(below === undefined ? path : path.slice(below.length + 1)), ...cells]),
  );
}

function collect(schema: Schema, path: string, rows: Map<string, string[]>): void {
  for (const alternative of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) collect(alternative, path, rows);
  if (schema.items) collect(schema.items, `${path}[]`, rows);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = path === "" ? name : `${path}.${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    const known = rows.get(here);
    const type = known === undefined ? typeOf(field) : [...new Set([known[0], typeOf(field)])].join(" \\| ");
    const fallback = field.default === undefined ? (isRequired ? "required" : "") : code(JSON.stringify(field.default));
    rows.set(here, [
      type,
      fallback,
      withPipes(field.description ?? (known?.[2] || fieldWords[here.replace("servers[].", "")]) ?? ""),
    ]);
    collect(field, here, rows);
  }
}

function typeOf({ type, enum: values, const: value, items, additionalProperties, anyOf, oneOf }: Schema): string {
  if (value !== undefined) return code(JSON.stringify(value));
  if (values !== undefined) return values.map((one) => code(JSON.stringify(one))).join(" \\| ");
  const alternatives = [...(anyOf ?? []), ...(oneOf ?? [])];
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(" \\| ");
  if (items !== undefined) return `list of ${typeOf(items)}`;
  if (typeof additionalProperties === "object") return `record of ${typeOf(additionalProperties)}`;
  return type === undefined ? "any" : [type].flat().join(" \\| ");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function withPipes(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** As the formatter writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replace(/\s+/g, " ").trim()));
  const widths = head.map((_cell, index) => Math.max(3, ...cells.map((row) => [...(row[index] ?? "")].length)));
  const line = (row: readonly string[]) => `| ${widths.map((width, index) => pad(row[index] ?? "", width)).join(" | ")} |`;
  return [line(cells[0] ?? []), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n");
}

function pad(text: string, width: number): string {
  return text + " ".repeat(width - [...text].length);
}
