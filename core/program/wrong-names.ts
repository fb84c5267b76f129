import { closestHint, named, noToolMessage } from "../closest.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { insteadOf } from "./other-platforms.ts";

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

/** What a program uses that does not exist: the start of the message, and the text from there on. */
interface Wrong {
  missing: string;
  written: string;
  servers: readonly string[];
}

/** For a name that stands for a server, in an import or as `clients.<name>`, and is none. */
export function adviceOnServer(name: string, servers: readonly string[]): Advice | undefined {
  if (runtimeNames.includes(name)) {
    const line = `import { ${name} } from "runtime"`;
    return { message: `"${name}" is not a server. It is part of the module "runtime": ${line}.`, suggestions: [line] };
  }
  return isToolCaller(name) ? callAdvice({ missing: `There is no "${name}" here.`, servers, written: "" }) : undefined;
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

/** For a free name that nothing declares. `written` is the program's text from the name on, `before` that of its line up to it. */
export function adviceOnName(
  name: string,
  { servers, written, before, isMisspelt }: Omit<Wrong, "missing"> & { before: string; isMisspelt: boolean },
): Advice | undefined {
  const missing = `There is no "${name}" here.`;
  if (/^[\w$]+\s*=(?![=>])/.test(written)) {
    if (/[(,]\s*$/.test(before)) {
      return { message: `${missing} Arguments are fields of one object: { ${name}: … }.`, suggestions: [] };
    }
    if (!isMisspelt && /(?:^|[;{}])\s*$/.test(before))
      return { message: `${missing} Declare it: let ${name} = ….`, suggestions: [] };
  }
  if (Object.hasOwn(insteadOf, name)) return { message: `${missing} ${insteadOf[name]}`, suggestions: [] };
  if (runtimeNames.includes(name)) {
    const line = `import { ${name} } from "runtime"`;
    return { message: `${missing}${closestHint([line])}`, suggestions: [line] };
  }
  if (isToolCaller(name)) return callAdvice({ missing, servers, written });
  if (/^mcp__\w/.test(name)) return callAdvice({ missing, servers, written: `("${name}")` });
  if (!/^(?:mcp|clients?|servers?|tools|mcp_?(?:clients?|servers?|tools?))$/i.test(name)) return undefined;
  const [, member = ""] = /^\w+\s*\.\s*(\w+)/.exec(written) ?? [];
  if (isToolCaller(member)) return callAdvice({ missing, servers, written });
  const id = servers.find((server) => toIdentifier(server) === member) ?? servers[0];
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
  if (isToolCaller(name)) return callAdvice({ missing, servers, written: "" });
  const isServer = servers.some((id) => toIdentifier(id) === name);
  const suggestions = isServer ? [`import { ${name} } from "mcp-clients"`] : closest;
  const hint = suggestions.length === 0 ? ` It has ${runtimeNames.join(", ")}.` : closestHint(suggestions);
  return { message: `${missing}${hint}`, suggestions };
}

/** The functions of other systems that take a server and a tool by name. */
function isToolCaller(name: string): boolean {
  return /^(?:call|use|run|invoke|execute)_?(?:mcp_?)?tool$/i.test(name);
}

function callAdvice({ missing, servers, written }: Wrong): Advice {
  const [server, tool = "tool"] = calledIn(written, servers) ?? [servers[0] ?? "server"];
  const client = toIdentifier(server);
  const form = `${client}.${toIdentifier(tool)}({ … })`;
  const message = `${missing} A tool is a function of its server: ${form}, or by its wire name ${client}.$call(${JSON.stringify(tool)}, { … }).`;
  return { message, suggestions: [form] };
}

/** The server and tool that a call such as `callMcpTool("time", "current_time")` names, or one text of both does. */
function calledIn(written: string, servers: readonly string[]): [server: string, tool: string] | undefined {
  const texts = /^[\w.\s]{0,100}\(\s*["'`]([^"'`\n]{1,200})["'`]\s*(?:,\s*["'`]([^"'`\n]{1,200})["'`])?/.exec(written);
  const [, first = "", second] = texts ?? [];
  const together = /^(?:mcp__)?([\w-]+?)(?:__|[.:/])(.+)$/.exec(first) ?? [];
  const [name, tool] = second === undefined ? [together[1], together[2]] : [first, second];
  const server = servers.find((id) => name !== undefined && toIdentifier(id) === toIdentifier(name));
  return server === undefined || tool === undefined ? undefined : [server, tool];
}
