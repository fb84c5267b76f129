import { isDeepStrictEqual } from "node:util";
import { type ParseError, parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { OrchestratorError } from "../../core/errors.ts";
import { isRecord } from "../../core/json.ts";
import { removeJson, setJson } from "../../core/registry/json-edit.ts";
import { removeToml, setToml } from "./toml-edit.ts";

/** A client's configuration file, as text and as what it means. Each edit leaves what it does not concern as it is, comments included. */
export interface Configuration {
  text: string;
  document: Record<string, unknown>;
}

/** @throws OrchestratorError `invalid_input` when it is not what its name says */
export function readConfiguration(text: string, file: string): Configuration {
  return { text, document: parse(text, file) };
}

/** @throws OrchestratorError `invalid_input` when the text cannot be edited safely */
export function withEntry(
  configuration: Configuration,
  change: { file: string; path: readonly string[]; value: object },
): Configuration {
  const { file, path, value } = change;
  refuseOtherValue(configuration.document, { file, path });
  const text = isToml(file) ? setToml(configuration.text, path, value) : setJson(configuration.text, path, value);
  return verified({ text, file, expected: changed(configuration.document, path, value) });
}

/** @throws OrchestratorError `invalid_input` when the text cannot be edited safely */
export function withoutEntry(
  configuration: Configuration,
  { file, path }: { file: string; path: readonly string[] },
): Configuration {
  const text = isToml(file) ? removeToml(configuration.text, path) : removeJson(configuration.text, path);
  return verified({ text, file, expected: changed(configuration.document, path, undefined) });
}

/** The value at this path of a document. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    document,
  );
}

/** Where a client has its servers there may be something else. */
function refuseOtherValue(document: unknown, { file, path }: { file: string; path: readonly string[] }): void {
  const tables = path.slice(0, -1).map((_key, index) => valueAt(document, path.slice(0, index + 1)));
  if (tables.some((table) => table !== undefined && !isRecord(table))) throw byHand(file);
}

function byHand(file: string): OrchestratorError {
  return new OrchestratorError("invalid_input", `${file} is written in a way that cannot be edited safely. Change it by hand.`);
}

/** Text is edited, and only its meaning is certain: what does not mean exactly what was wanted is not written. */
function verified({ text, file, expected }: { text: string; file: string; expected: object }): Configuration {
  const document = parse(text, file);
  if (isDeepStrictEqual(plain(document), plain(expected))) return { text, document };
  throw byHand(file);
}

/** Parsers make objects without a prototype, and an empty table may be there or not. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_key, inner) => (isEmptyObject(inner) ? undefined : inner)) ?? "{}");
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function changed(
  document: Record<string, unknown>,
  [key = "", ...deeper]: readonly string[],
  value: object | undefined,
): Record<string, unknown> {
  if (deeper.length === 0) {
    const { [key]: _removed, ...rest } = document;
    return value === undefined ? rest : { ...rest, [key]: value };
  }
  const inner = document[key];
  return { ...document, [key]: changed(isRecord(inner) ? inner : {}, deeper, value) };
}

function parse(text: string, file: string): Record<string, unknown> {
  const document = isToml(file) ? readToml(text, file) : readJson(text, file);
  if (isRecord(document)) return document;
  throw new OrchestratorError("invalid_input", `${file} does not hold an object. Correct it first.`);
}

function readJson(text: string, file: string): unknown {
  if (text.trim() === "") return {};
  const errors: ParseError[] = [];
  const document: unknown = parseJsonc(text.replace(/^\ufeff/, ""), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return document;
  const line = text.slice(0, first.offset).split("\n").length;
  throw new OrchestratorError("invalid_input", `${file} is not JSON: see line ${line}. Correct it first.`);
}

function readToml(text: string, file: string): unknown {
  try {
    return parseToml(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new OrchestratorError("invalid_input", `${file} is not TOML: ${reason}. Correct it first.`, { cause });
  }
}

function isToml(file: string): boolean {
  return file.endsWith(".toml");
}
