/**
 * Declares `$resources` and `$prompts` of a client (MCP spec, server/resources and server/prompts). Appended to the output of
 * declareClient for programs that mention them; it is the same for every server.
 *
 * Lists have a type of their own, so that treating one as the MCP result around it (`{ contents }`) is a type error with a clear
 * message.
 */
export const resourcesAndPromptsDeclaration = `export interface McpResource { uri: string; name: string; title?: string; description?: string; mimeType?: string; size?: number; annotations?: Record<string, unknown>; icons?: unknown[]; _meta?: Record<string, unknown> }
export interface McpResourceTemplate { uriTemplate: string; name: string; title?: string; description?: string; mimeType?: string; annotations?: Record<string, unknown>; icons?: unknown[]; _meta?: Record<string, unknown> }
/** Either text or a base64 blob. */
export interface McpResourceContents { uri: string; mimeType?: string; text?: string; blob?: string; _meta?: Record<string, unknown> }
/** A skill that the server publishes: read(uri) has its instructions, and \`resources\` names its other files. */
export interface McpSkill { uri: string; name: string; description?: string; frontmatter: Record<string, unknown>; resources?: unknown; _meta?: Record<string, unknown> }
export interface McpPrompt { name: string; title?: string; description?: string; arguments?: { name: string; title?: string; description?: string; required?: boolean }[]; icons?: unknown[]; _meta?: Record<string, unknown> }
/** Text has \`text\`, an image or audio \`data\`, a resource \`resource\`. */
export interface McpPromptContent { type: string; text?: string; data?: string; mimeType?: string; resource?: McpResourceContents; uri?: string; name?: string; annotations?: Record<string, unknown>; _meta?: Record<string, unknown> }
/** A plain array. */
export interface McpList<Item> extends Array<Item> {}
export interface McpResources {
  /** All resources, of all pages. */
  list(): Promise<McpList<McpResource>>;
  /** URI templates to fill in. */
  templates(): Promise<McpList<McpResourceTemplate>>;
  read(uri: string): Promise<McpList<McpResourceContents>>;
  skills(): Promise<McpList<McpSkill>>;
}
export interface McpPrompts {
  list(): Promise<McpList<McpPrompt>>;
  get(name: string, args?: Record<string, string>): Promise<{ description?: string; messages: { role: "user" | "assistant"; content: McpPromptContent }[] }>;
}
export const $resources: McpResources;
export const $prompts: McpPrompts;
`;

/** The types that it declares, and a global type it uses. */
export const resourceAndPromptTypeNames = [
  "Array",
  ...[...resourcesAndPromptsDeclaration.matchAll(/^export interface (\w+)/gm)].map(([, name = ""]) => name),
];

/** Whether a program's text mentions resources or prompts, even misspelt. */
export function mentionsResourcesOrPrompts(source: string): boolean {
  return /\$(?:resource|prompt)/i.test(source);
}
