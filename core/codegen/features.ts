/**
 * Declares `$resources` and `$prompts` of a client (MCP spec, server/resources and server/prompts): beside what declareClient gives,
 * in the same module, for programs that speak of them. Every server's are alike.
 *
 * A list is of a type of the client's own, so that taking it for the result of MCP around it (`{ contents }`) is told as a mistake.
 */
export const featureDeclaration = `export interface McpResource { uri: string; name: string; title?: string; description?: string; mimeType?: string; size?: number; annotations?: Record<string, unknown>; icons?: unknown[]; _meta?: Record<string, unknown> }
export interface McpResourceTemplate { uriTemplate: string; name: string; title?: string; description?: string; mimeType?: string; annotations?: Record<string, unknown>; icons?: unknown[]; _meta?: Record<string, unknown> }
/** Text or, in base64, a blob. */
export interface McpResourceContents { uri: string; mimeType?: string; text?: string; blob?: string; _meta?: Record<string, unknown> }
export interface McpPrompt { name: string; title?: string; description?: string; arguments?: { name: string; title?: string; description?: string; required?: boolean }[]; icons?: unknown[]; _meta?: Record<string, unknown> }
/** \`text\` of a text, \`data\` of an image or audio, \`resource\` of a resource. */
export interface McpPromptContent { type: string; text?: string; data?: string; mimeType?: string; resource?: McpResourceContents; uri?: string; name?: string; annotations?: Record<string, unknown>; _meta?: Record<string, unknown> }
/** An ordinary list. */
export interface McpList<Item> extends Array<Item> {}
export interface McpResources {
  /** All of them. */
  list(): Promise<McpList<McpResource>>;
  /** Addresses with places to fill in. */
  templates(): Promise<McpList<McpResourceTemplate>>;
  read(uri: string): Promise<McpList<McpResourceContents>>;
}
export interface McpPrompts {
  list(): Promise<McpList<McpPrompt>>;
  get(name: string, args?: Record<string, string>): Promise<{ description?: string; messages: { role: "user" | "assistant"; content: McpPromptContent }[] }>;
}
export const $resources: McpResources;
export const $prompts: McpPrompts;
`;

/** The types that it declares, and a global one it needs. */
export const featureTypeNames = [
  "Array",
  ...[...featureDeclaration.matchAll(/^export interface (\w+)/gm)].map(([, name = ""]) => name),
];

/** Whether a program's text speaks of them, or of something like them. */
export function mentionsFeatures(source: string): boolean {
  return /\$(?:resource|prompt)/i.test(source);
}
