import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";
import { readAllPages } from "./pagination.ts";
import { skillsExtension } from "./skills.ts";

/*
 * Resources and prompts (MCP spec, server/resources and server/prompts): `$resources` and `$prompts` of every client. Skills are
 * resources too (SEP-2640): a server that publishes some lists them, and their files are read like any other.
 */

const name = z.string().min(1).max(limits.featureNameCharsMax);

/** A request for them, by its MCP method. All are read-only. */
export const FeatureRequest = z.discriminatedUnion("method", [
  z.object({ method: z.literal("resources/list") }),
  z.object({ method: z.literal("resources/templates/list") }),
  z.object({ method: z.literal("resources/read"), uri: name }),
  z.object({ method: z.literal("skills/list") }),
  z.object({ method: z.literal("prompts/list") }),
  z.object({ method: z.literal("prompts/get"), name, args: z.record(z.string(), z.string()).optional() }),
]);
export type FeatureRequest = z.infer<typeof FeatureRequest>;

/** The client's member for each method: its name in code and in the ledger. */
export const featureMembers: Record<FeatureRequest["method"], string> = {
  "resources/list": "$resources.list",
  "resources/templates/list": "$resources.templates",
  "resources/read": "$resources.read",
  "skills/list": "$resources.skills",
  "prompts/list": "$prompts.list",
  "prompts/get": "$prompts.get",
};

type Feature = "resources" | "prompts" | "skills";

/** The capability that a server must declare for it. */
function capabilityOf({ method }: FeatureRequest): Feature {
  if (method === "skills/list") return "skills";
  return method.startsWith("resources/") ? "resources" : "prompts";
}

interface Capabilities {
  resources?: unknown;
  prompts?: unknown;
  extensions?: Record<string, unknown> | undefined;
}

function hasCapability(capabilities: Capabilities | undefined, feature: Feature): boolean {
  if (feature === "skills") return capabilities?.extensions?.[skillsExtension] !== undefined;
  return capabilities?.[feature] !== undefined;
}

/** The error for a server without that capability. */
export function hasNoFeature(server: string, request: FeatureRequest): UpstreamError {
  return new UpstreamError("tool_unknown", `${server} has no ${capabilityOf(request)}. describe_mcp lists its tools.`, {
    ...{ server, tool: featureMembers[request.method] },
    delivery: "answered",
  });
}

/** For a server that declares the capability but does not know the method: many do not implement resources/templates/list. */
export function answerWithoutMethod(server: string, request: FeatureRequest): FeatureAnswer {
  if (request.method.endsWith("/list")) return [];
  throw hasNoFeature(server, request);
}

/*
 * Results are untrusted and read leniently: unknown members are passed on, an invalid optional member is left out, and so is a list item
 * without its required member.
 */

const text = z.string().optional().catch(undefined);
const titled = { name: text, title: text, description: text };

const Resource = z
  .looseObject({ uri: z.string(), mimeType: text, ...titled })
  .transform((resource) => ({ ...resource, name: resource.name ?? resource.uri }));

const ResourceTemplate = z
  .looseObject({ uriTemplate: z.string(), mimeType: text, ...titled })
  .transform((template) => ({ ...template, name: template.name ?? template.uriTemplate }));

const PromptArgument = z.looseObject({ name: z.string(), required: z.boolean().optional().catch(undefined) });
const Prompt = z.looseObject({ ...titled, name: z.string(), arguments: z.array(PromptArgument).optional().catch(undefined) });

const Frontmatter = z.looseObject({ name: text, description: text }).catch({});
/** What an agent is to know of it first is beside its address, as for any resource; its files are `resources`. */
const Skill = z
  .looseObject({ uri: z.string(), frontmatter: Frontmatter })
  .transform((skill) => ({ name: skill.frontmatter.name ?? skill.uri, description: skill.frontmatter.description, ...skill }));

const ResourceContents = z.looseObject({ uri: z.string().catch(""), mimeType: text, text, blob: text });
const ReadResult = z.looseObject({ contents: z.preprocess(asList, z.array(ResourceContents)) });

const PromptMessage = z.looseObject({
  role: z.string(),
  content: z.preprocess(asText, z.looseObject({ type: z.string().catch("text") })),
});
const PromptResult = z.looseObject({ description: text, messages: z.array(PromptMessage) });

/** One item for a list of it. */
function asList(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? [value] : value;
}

/** A text for the block that has it. */
function asText(value: unknown): unknown {
  return typeof value === "string" ? { type: "text", text: value } : value;
}

const Item = z.record(z.string(), z.unknown());

/** What a program gets: the items of a list, the contents of a resource, or a prompt's messages and description. */
export const FeatureAnswer = z.union([z.array(Item), Item]);
export type FeatureAnswer = z.infer<typeof FeatureAnswer>;

/** A JSON-RPC request without its id. */
export interface FeatureMessage {
  method: FeatureRequest["method"];
  params: Record<string, unknown>;
}

interface AskOptions {
  server: string;
  /** What the server declared in the handshake. */
  capabilities: Capabilities | undefined;
  request: FeatureRequest;
  /** Resolves with the result as the server sent it. */
  send: (message: FeatureMessage) => Promise<unknown>;
}

/**
 * Sends the request, for a list once per page.
 * @throws UpstreamError `tool_unknown` when the server does not have the capability, `tool_error` when the result is not valid
 */
export async function askFeature({ server, capabilities, request, send }: AskOptions): Promise<FeatureAnswer> {
  const { method } = request;
  if (!hasCapability(capabilities, capabilityOf(request))) throw hasNoFeature(server, request);

  async function listOf(field: string, schema: z.ZodType<Record<string, unknown>>) {
    const requestPage = (params: { cursor?: string }) => send({ method, params });
    const items = await readAllPages({ field, itemsMax: limits.featureItemsMax, requestPage });
    return items.map((item) => schema.safeParse(item)).flatMap((item) => (item.success ? [item.data] : []));
  }

  async function answerTo<T>(params: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    const answer = schema.safeParse(await send({ method, params }));
    if (answer.success) return answer.data;
    const tool = featureMembers[method];
    throw new UpstreamError("tool_error", `${server}.${tool}: the server's answer is not a valid result of ${method}.`, {
      ...{ server, tool, cause: answer.error },
      delivery: "answered",
    });
  }

  switch (request.method) {
    case "resources/list":
      return listOf("resources", Resource);
    case "resources/templates/list":
      return listOf("resourceTemplates", ResourceTemplate);
    case "skills/list":
      return listOf("skills", Skill);
    case "prompts/list":
      return listOf("prompts", Prompt);
    case "resources/read":
      return (await answerTo({ uri: request.uri }, ReadResult)).contents;
    case "prompts/get": {
      const args = request.args === undefined ? {} : { arguments: request.args };
      const { description, messages } = await answerTo({ name: request.name, ...args }, PromptResult);
      return { ...(description === undefined ? {} : { description }), messages };
    }
  }
}
