import { isRecord } from "../../core/json.ts";

/** The fields of the form for a server, as text. `rest` is what the entry has besides, as JSON. */
export interface ServerFields {
  id: string;
  title: string;
  summary: string;
  transport: string;
  command: string;
  /** One on each line. */
  args: string;
  /** `NAME=value` on each line. */
  env: string;
  cwd: string;
  url: string;
  /** `Name: value` on each line. */
  headers: string;
  rest: string;
}

export const fieldNames = [
  ...(["id", "title", "summary", "transport", "command", "args", "env", "cwd"] as const),
  ...(["url", "headers", "rest"] as const),
];

export const emptyFields: ServerFields = {
  ...{ id: "", title: "", summary: "", transport: "stdio" },
  ...{ command: "", args: "", env: "", cwd: "", url: "", headers: "", rest: "" },
};

/** The fields of an entry; undefined for one that they cannot hold. */
export function fieldsOf(entry: unknown): ServerFields | undefined {
  if (!isRecord(entry) || !isRecord(entry.mcp)) return undefined;
  const { id = "", title = "", summary = "", mcp, ...rest } = entry;
  const { transport = "", command = "", args = [], env = {}, cwd = "", url = "", headers = {} } = mcp;
  if (!Array.isArray(args) || !isRecord(env) || !isRecord(headers)) return undefined;
  const lines = (record: Record<string, unknown>, between: string) =>
    Object.entries(record).map(([name, value]) => `${name}${between}${value}`);
  const fields = {
    ...{ id, title, summary, transport, command, cwd, url },
    ...{ args: args.join("\n"), env: lines(env, "=").join("\n"), headers: lines(headers, ": ").join("\n") },
    rest: Object.keys(rest).length === 0 ? "" : JSON.stringify(rest, null, 2),
  };
  if (!isTexts(fields)) return undefined;
  const read = entryOf(fields);
  return read.kind === "entry" && isSame(read.entry, entry) ? fields : undefined;
}

export type ReadFields =
  | { kind: "entry"; entry: Record<string, unknown> }
  | { kind: "wrong"; field: keyof ServerFields; message: string };

/** The entry that the fields describe. Whether it is a valid one, the registry says. */
export function entryOf({ id, title, summary, rest, ...reached }: ServerFields): ReadFields {
  const env = pairsOf(reached.env, "=");
  if (env === undefined) return { kind: "wrong", field: "env", message: "Write NAME=value on each line." };
  const headers = pairsOf(reached.headers, ":");
  if (headers === undefined) return { kind: "wrong", field: "headers", message: "Write Name: value on each line." };
  const more = rest.trim() === "" ? {} : jsonIn(rest);
  if (!isRecord(more)) return { kind: "wrong", field: "rest", message: 'Write a JSON object, such as { "tags": ["clock"] }.' };
  const twice = ["id", "title", "summary", "mcp"].find((name) => Object.hasOwn(more, name));
  if (twice !== undefined) return { kind: "wrong", field: "rest", message: `${twice} has fields of its own above.` };
  const { transport, command, cwd, url } = reached;
  const args = reached.args.split("\n").filter((line) => line !== "");
  const mcp = transport === "stdio" ? { command, args, env, cwd } : { url, headers };
  return { kind: "entry", entry: { ...filled({ id, title, summary }), mcp: { transport, ...filled(mcp) }, ...more } };
}

/** The field that a problem with this path of an entry belongs to; undefined for the entry as a whole. */
export function fieldAt(path: string): keyof ServerFields | undefined {
  const [, name = ""] = /^(?:mcp\.)?([\w$-]+)/.exec(path) ?? [];
  if (name === "" || path === "mcp") return undefined;
  const isOfMcp = path.startsWith("mcp.");
  const known = isOfMcp ? ["transport", "command", "args", "env", "cwd", "url", "headers"] : ["id", "title", "summary"];
  if (known.includes(name)) return fieldNames.find((field) => field === name);
  return isOfMcp ? undefined : "rest";
}

/** Undefined if the text is not JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pairsOf(text: string, between: string): Record<string, string> | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => {
    const at = line.indexOf(between);
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
  });
  if (lines.some((line) => line.indexOf(between) < 1)) return undefined;
  return Object.fromEntries(pairs);
}

function filled(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== "" && !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Whatever the order of fields, and whether what is empty is written. */
function isSame(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return JSON.stringify(a) === JSON.stringify(b);
  const [ours, theirs] = [filled(a), filled(b)];
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys].every((key) => isSame(ours[key], theirs[key]));
}

function isTexts(fields: Record<keyof ServerFields, unknown>): fields is ServerFields {
  return Object.values(fields).every((value) => typeof value === "string");
}
