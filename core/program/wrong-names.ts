import { closestHint, named, noToolMessage } from "../closest.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { insteadOfName } from "./other-platforms.ts";

/*
 * Names that a program takes from where they are not, and uses that other systems have: what to write instead. All of them are
 * frequent in programs that models write.
 */

/** What the module `runtime` exports. */
export const runtimeNames: readonly string[] = ["args", "session", "results", "progress", "help", "files"];

export interface Advice {
  message: string;
  suggestions: string[];
}

/** A server and one of its tools, as a call names them. */
type Called = [server: string, tool: string];

/** What a program uses that does not exist: the start of the message, and what it seems to call. */
interface Wrong {
  missing: string;
  servers: readonly string[];
  called?: Called | undefined;
}

/** A free name, with the program's text from the name on, and that of its line up to it. */
interface WrongName {
  servers: readonly string[];
  written: string;
  before: string;
  isMisspelt: boolean;
}

/** For a name that stands for a server, in an import or as `clients.<name>`, and is none. */
export function adviceOnServer(name: string, servers: readonly string[]): Advice | undefined {
  if (runtimeNames.includes(name)) {
    const line = `import { ${name} } from "runtime"`;
    return { message: `"${name}" is not a server. It is part of the module "runtime": ${line}.`, suggestions: [line] };
  }
  return isToolCaller(name) ? callAdvice({ missing: `There is no "${name}" here.`, servers }) : undefined;
}

/** For a package that has the name of a server: `import { current_time } from "time"`. */
export function adviceOnPackage(specifier: string, servers: readonly string[]): Advice | undefined {
  const [, name = ""] =
    /^(?:mcp[:/]|mcp-clients:|(?:\.{1,2}\/)*servers\/|)([\w-]+?)(?:\/index)?(?:\.[cm]?[jt]s)?$/.exec(specifier) ?? [];
  const id = servers.find((server) => toIdentifier(server) === toIdentifier(name));
  if (id === undefined) return undefined;
  const lines = [`import { ${toIdentifier(id)} } from "mcp-clients"`, `import * as ${toIdentifier(id)} from "mcp-clients/${id}"`];
  return { message: `"${specifier}" cannot be imported. For the server ${id} write ${lines.join(" or ")}.`, suggestions: lines };
}

/** For a free name that nothing declares. */
export function adviceOnName(name: string, { servers, written, before, isMisspelt }: WrongName): Advice | undefined {
  const missing = `There is no "${name}" here.`;
  if (/^[\w$]+\s*=(?![=>])/.test(written)) {
    if (/[(,]\s*$/.test(before)) {
      return { message: `${missing} Arguments are fields of one object: { ${name}: … }.`, suggestions: [] };
    }
    if (!isMisspelt && /(?:^|[;{}])\s*$/.test(before))
      return { message: `${missing} Declare it: let ${name} = ….`, suggestions: [] };
  }
  const instead = insteadOfName(name);
  if (instead !== undefined) return { message: `${missing} ${instead}`, suggestions: [] };
  if (runtimeNames.includes(name)) {
    const line = `import { ${name} } from "runtime"`;
    return { message: `${missing}${closestHint([line])}`, suggestions: [line] };
  }
  const called = calledByName(name, { servers, written });
  if (called !== undefined || isToolCaller(name)) return callAdvice({ missing, servers, called });
  if (!/^(?:mcp|clients?|servers?|tools|mcp_?(?:clients?|servers?|tools?))$/i.test(name)) return undefined;
  const [, member = "", quoted = ""] = /^\w+\s*(?:\.\s*(\w+)|\[\s*["'`]([^"'`\]]{1,200})["'`]\s*\])/.exec(written) ?? [];
  if (isToolCaller(member)) return callAdvice({ missing, servers, called: calledIn(written, servers) });
  const id = servers.find((server) => toIdentifier(server) === toIdentifier(member || quoted)) ?? servers[0];
  const line = `import { ${id === undefined ? "<id>" : toIdentifier(id)} } from "mcp-clients"`;
  return { message: `${missing} Each server is a name of its own: ${line}.`, suggestions: [line] };
}

/** For a name that the client of a server does not have. */
export function unknownInClient({ name, closest, server, names, written }: UnknownInClient): Advice {
  const own = toIdentifier(server);
  if (isToolCaller(name)) return callerOf(own, { name, written });
  const suggestions = [...closest];
  if (name === own) suggestions.unshift(`import { ${own} } from "mcp-clients"`);
  else if (runtimeNames.includes(name) && closest.length === 0) suggestions.push(`import { ${name} } from "runtime"`);
  return { message: noToolMessage(name, { server, closest: suggestions, names }), suggestions };
}

interface UnknownInClient {
  name: string;
  closest: readonly string[];
  server: string;
  /** Of all its tools. */
  names: readonly string[];
  /** The program's text from the name on. */
  written: string;
}

/** `client.callTool("read_file", …)`, or with the name as a field. */
function callerOf(client: string, { name, written }: { name: string; written: string }): Advice {
  const [, tool = "tool"] = /["'`]([\w./-]{1,100})["'`]/.exec(written) ?? [];
  const form = `${client}.${toIdentifier(tool)}({ … })`;
  return { message: `${client} has no ${name}(). A tool is a function: ${form}.`, suggestions: [form] };
}

/** For a name that the module `runtime` does not export. */
export function unknownInRuntime(wrong: { name: string; closest: string[]; servers: readonly string[] }): Advice {
  const { name, closest, servers } = wrong;
  const missing = `The module "runtime" has no "${named(name)}".`;
  if (isToolCaller(name)) return callAdvice({ missing, servers });
  const isServer = servers.some((id) => toIdentifier(id) === name);
  const suggestions = isServer ? [`import { ${name} } from "mcp-clients"`] : closest;
  const hint = suggestions.length === 0 ? ` It has ${runtimeNames.join(", ")}.` : closestHint(suggestions);
  return { message: `${missing}${hint}`, suggestions };
}

/** The functions of other systems that take a server and a tool by name. */
function isToolCaller(name: string): boolean {
  return /^(?:call|use|run|invoke|execute)_?(?:mcp_?)?tool$/i.test(name);
}

function callAdvice({ missing, servers, called }: Wrong): Advice {
  const [server, tool = "tool"] = called ?? [servers[0] ?? "server"];
  const client = toIdentifier(server);
  const form = `${client}.${toIdentifier(tool)}({ … })`;
  const message = `${missing} A tool is a function of its server: ${form}, or by its wire name ${client}.$call(${JSON.stringify(tool)}, { … }).`;
  return { message, suggestions: [form] };
}

/** The server and tool in a name such as `mcp__files__read_file`, or in what is given to a function of any name: `execute("files", "read_file")`. */
function calledByName(name: string, { servers, written }: Pick<WrongName, "servers" | "written">): Called | undefined {
  const isCall = /^[\w$]+\s*\(/.test(written);
  return isCall ? (together(name, servers) ?? calledIn(written, servers)) : undefined;
}

/** The server and tool that a call such as `callMcpTool("time", "current_time")` names, or one text of both does, or fields do. */
function calledIn(written: string, servers: readonly string[]): Called | undefined {
  const [, first = "", second] = twoTexts.exec(written) ?? [];
  if (second !== undefined) return toolOf(first, second, servers);
  if (first !== "") return together(first, servers);
  const [server, tool] = [serverField, toolField].map((field) => field.exec(written.slice(0, fieldsCharsMax))?.[1]);
  return server === undefined || tool === undefined ? undefined : toolOf(server, tool, servers);
}

const twoTexts = /^[\w.\s]{0,100}\(\s*["'`]([^"'`\n]{1,200})["'`]\s*(?:,\s*["'`]([^"'`\n]{1,200})["'`])?/;
const serverField = /["']?\b(?:server|serverName|server_name|serverId|server_id|id|mcp)\b["']?\s*:\s*["'`]([^"'`\n]{1,200})["'`]/;
const toolField = /["']?\b(?:tool|toolName|tool_name|name)\b["']?\s*:\s*["'`]([^"'`\n]{1,200})["'`]/;
const fieldsCharsMax = 500;

/** Of one text: "files.read_file", "mcp__files__read_file", "files_read_file". */
function together(text: string, servers: readonly string[]): Called | undefined {
  const [, name = "", tool = ""] = /^(?:mcp__)?([\w-]+?)(?:__|[.:/])(.+)$/.exec(text) ?? [];
  const found = toolOf(name, tool, servers);
  if (found !== undefined) return found;
  const server = servers.find((id) => text.startsWith(`${toIdentifier(id)}_`));
  return server === undefined ? undefined : [server, text.slice(toIdentifier(server).length + 1)];
}

function toolOf(name: string, tool: string, servers: readonly string[]): Called | undefined {
  const server = tool === "" ? undefined : servers.find((id) => toIdentifier(id) === toIdentifier(name));
  return server === undefined ? undefined : [server, tool];
}
