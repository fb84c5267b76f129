import { type NamedTool, nameTools, toIdentifier } from "../registry/identifiers.ts";
import { quote } from "./literals.ts";
import { clientSpecifier } from "./specifiers.ts";

/*
 * Generates the client modules that a program imports in the isolate. Strings chosen by servers appear in them only as quoted
 * data; the identifiers come from identifiers.ts.
 *
 * The runtime resolves every specifier, even a bare one, against the folder of the importing module: hence the relative imports.
 */

/**
 * The runtime's own module, present in every isolate. It exports `createClient(id, entries: [identifier, wireName][])`, which
 * returns an object without a prototype. Its own properties are the tools' functions under their identifiers (`__proto__` may be
 * one), `$call`, `$raw`, `$tools`, `$resources` and `$prompts`.
 */
export const shimModule = "mcp-orchestrator/shim.js";

type NamedServer = { id: string };

/**
 * Module `mcp-clients/<id>`. A tool called `then` is exported as `then_`; identifiers.ts says why. Names such as `constructor`,
 * `__proto__` and `toString` are kept: an export may have them safely.
 */
export function clientModule({ server, tools }: { server: NamedServer; tools: readonly NamedTool[] }): string {
  const names = nameTools(tools);
  const entries = [...names].map(([wire, identifier]) => `  [${quote(identifier)}, ${quote(wire)}],\n`);
  // nameTools never gives a tool the name `$createClient`.
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

/** Module `mcp-clients`: exports each client under its server id, made an identifier. */
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
