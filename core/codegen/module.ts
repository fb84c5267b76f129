import type { Tool } from "../mcp/tool.ts";
import { nameTools, toIdentifier } from "../registry/identifiers.ts";
import { quote } from "./literals.ts";
import { clientSpecifier } from "./specifiers.ts";

/*
 * The JavaScript that stands between a program and its servers in the isolate. Strangers' strings appear in it as
 * quoted data only; the names are made by identifiers.ts.
 *
 * The runtime resolves every specifier against the folder of the module that imports, bare ones too: hence relative ones.
 */

/**
 * The module that the isolate brings along. It exports
 * `createClient(id, entries: [identifier, wireName][])`: an object without a prototype and with the functions under
 * their identifiers as own properties (`__proto__` may be one), `$call`, `$raw`, `$tools`, `$resources` and `$prompts`.
 */
export const shimModule = "mcp-orchestrator/shim.js";

type NamedServer = { id: string };

/**
 * Module `mcp-clients/<id>`. A tool called `then` is exported as `then_`: identifiers.ts says why. Others keep names
 * that only look dangerous (`constructor`, `__proto__`, `toString`), which are ordinary names for an export.
 */
export function clientModule({ server, tools }: { server: NamedServer; tools: readonly Tool[] }): string {
  const names = nameTools(tools);
  const entries = [...names].map(([wire, identifier]) => `  [${quote(identifier)}, ${quote(wire)}],\n`);
  // The local name of createClient is one that nameTools gives to no tool.
  return `import { createClient as $createClient } from ${quote(`../${shimModule}`)};
export const $client = $createClient(${quote(server.id)}, [
${entries.join("")}]);
export const { ${["$call", "$raw", "$tools", "$resources", "$prompts", ...names.values()].join(", ")} } = $client;
export default $client;
`;
}

/** Module `mcp-clients/<id>/<tool>`. */
export function toolModule(server: NamedServer, identifier: string): string {
  return `export { ${identifier}, ${identifier} as default } from ${quote(`../${server.id}`)};\n`;
}

/** Module `mcp-clients`: each client under the identifier form of its id. */
export function indexModule(servers: readonly NamedServer[]): string {
  const lines = servers.map(({ id }) => `export { $client as ${toIdentifier(id)} } from ${quote(`./${clientSpecifier(id)}`)};\n`);
  return lines.join("") || "export {};\n";
}

/** The `.d.ts` of module `mcp-clients/<id>/<tool>`. */
export function declareTool(server: NamedServer, identifier: string): string {
  return `export { ${identifier}, ${identifier} as default } from ${quote(clientSpecifier(server.id))};\n`;
}

/** The `.d.ts` of module `mcp-clients`. */
export function declareIndex(servers: readonly NamedServer[]): string {
  const lines = servers.map(({ id }) => `export * as ${toIdentifier(id)} from ${quote(clientSpecifier(id))};\n`);
  return lines.join("") || "export {};\n";
}
