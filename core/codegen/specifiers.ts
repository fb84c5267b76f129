/** The import specifiers of the clients: `mcp-clients`, `mcp-clients/<id>`, `mcp-clients/<id>/<tool>`. */
export type ClientSpecifier =
  | { kind: "index" }
  | { kind: "server"; id: string }
  /** `tool` as written: an identifier, or a wire name without "/". */
  | { kind: "tool"; id: string; tool: string };

/** The module of all clients. */
export const indexSpecifier = "mcp-clients";

export function clientSpecifier(id: string): string {
  return `${indexSpecifier}/${id}`;
}

/** `undefined` for anything else, including an invalid server id. */
export function parseClientSpecifier(specifier: string): ClientSpecifier | undefined {
  if (specifier === indexSpecifier) return { kind: "index" };
  const parts = /^mcp-clients\/([A-Za-z0-9][A-Za-z0-9_-]*)(?:\/([^/]+))?$/.exec(specifier);
  const [, id, tool] = parts ?? [];
  if (id === undefined) return undefined;
  return tool === undefined ? { kind: "server", id } : { kind: "tool", id, tool };
}
