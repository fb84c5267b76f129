import { z } from "zod";
import { closestTo, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { meantInput } from "./meant-input.ts";
import { meantProgram } from "./meant-program.ts";
import { ExecuteInput } from "./tool-definitions.ts";

/** @throws OrchestratorError `invalid_input` that names every wrong field */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const meant = meantInput(schema, input);
  refuseLongLists(meant);
  const parsed = schema.safeParse(meant);
  if (parsed.success) return parsed.data;
  const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, fields));
  const suggestions = [...new Set(problems.flatMap((problem) => problem.suggestions))].slice(0, limits.inputProblemsMax);
  // A field under another name is told once.
  const isTold = ({ missing }: InputProblem) => missing !== undefined && suggestions.includes(missing);
  const found = problems.filter((problem) => !isTold(problem)).slice(0, limits.inputProblemsMax);
  throw new OrchestratorError("invalid_input", `${found.map(({ text }) => text).join("; ")}.`, {
    ...(suggestions.length > 0 && { suggestions }),
  });
}

/**
 * Each wrong item would be a problem of its own, and there may be millions. The longest list that means anything names all tools of a
 * server. What a program or a tool gets may be as long as it likes.
 */
function refuseLongLists(fields: unknown): void {
  for (const [name, value] of isRecord(fields) ? Object.entries(fields) : []) {
    if (name === "args" || !Array.isArray(value) || value.length <= limits.toolsPerServerMax) continue;
    const message = `${named(name)}: a list of ${value.length}; at most ${limits.toolsPerServerMax} are read.`;
    throw new OrchestratorError("invalid_input", message);
  }
}

/** @throws OrchestratorError `invalid_input` that names every wrong field */
export function readExecuteInput(input: unknown): ExecuteInput {
  refuseSingleCall(input);
  return meantProgram(readInput(ExecuteInput, input));
}

/** A call of one tool in place of a program. */
function refuseSingleCall(input: unknown): void {
  if (!isRecord(input) || "code" in input || "files" in input || typeof input.tool !== "string") return;
  const server = typeof input.server === "string" ? input.server : "server";
  const form = named(`return await ${toIdentifier(server)}.${toIdentifier(input.tool)}({ … })`);
  throw new OrchestratorError("invalid_input", `This runs a program: write \`code\`, as ${form}.`, { suggestions: [form] });
}

interface InputProblem {
  text: string;
  /** The field, if it is not there. */
  missing?: string;
  suggestions: string[];
}

function problemsOf(issue: z.core.$ZodIssue, fields: readonly string[]): InputProblem[] {
  // No more are told, and there may be thousands.
  if (issue.code === "unrecognized_keys" && issue.path.length === 0)
    return issue.keys.slice(0, limits.inputProblemsMax).map((key) => unknownField(key, fields));
  const path = named(issue.path.join("."));
  if (issue.code === "invalid_type" && issue.path.length === 1 && /received undefined$/.test(issue.message))
    return [{ text: `"${path}" is missing`, missing: path, suggestions: [] }];
  const text = path === "" ? issue.message : `${path}: ${issue.message}`;
  return [{ text, suggestions: [] }];
}

function unknownField(name: string, fields: readonly string[]): InputProblem {
  const folded = name.toLowerCase().replace(/[^a-z]/g, "");
  const synonym = fields.find((field) => synonyms[field]?.includes(folded));
  const suggestions = synonym === undefined ? closestTo(name, fields, 1) : [synonym];
  const [closest] = suggestions;
  const hint = closest === undefined ? `the fields are ${fields.join(", ")}` : `write "${closest}"`;
  return { text: `Unknown field "${named(name)}"; ${hint}`, suggestions };
}

/** What other tools call these fields, in lower case without separators. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  query: ["q", "search", "task", "keywords", "prompt", "intent"],
  domains: ["domain", "category", "categories"],
  limit: ["max", "maxresults", "count", "top", "topk", "pagesize"],
  detail: ["format", "level", "verbosity", "verbose"],
  id: ["server", "servers", "serverid", "servername", "mcp", "mcpid", "mcpserver", "name"],
  tools: ["tool", "toolname", "toolnames", "names", "functions"],
  server: ["id", "servers", "serverid", "servername", "mcp", "mcpid", "mcpserver"],
  tool: ["name", "tools", "toolname", "function", "functionname", "method"],
  code: ["source", "script", "program", "snippet", "typescript", "javascript", "ts", "js"],
  entrypoint: ["entry", "main", "file"],
  language: ["lang"],
  allowedMcpIds: ["servers", "serverids", "server", "mcps", "mcpids", "mcp", "ids", "id", "allow", "allowedservers"],
  args: ["input", "inputs", "arguments", "params", "parameters", "variables", "data"],
  maxRuntimeMs: ["timeout", "timeoutms", "timeoutseconds", "timelimit", "maxtime", "runtime", "deadline"],
  maxLogs: ["logs", "loglimit", "maxlines"],
};
