import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";
import { readAllPages } from "./pagination.ts";

/*
 * What servers offer beside tools (MCP spec, server/resources and server/prompts): `$resources` and `$prompts` of every client.
 */

const name = z.string().min(1).max(limits.featureNameCharsMax);

/** One question about them, by its MCP method. None of them changes anything. */
export const FeatureRequest = z.discriminatedUnion("method", [
  z.object({ method: z.literal("resources/list") }),
  z.object({ method: z.literal("resources/templates/list") }),
  z.object({ method: z.literal("resources/read"), uri: name }),
  z.object({ method: z.literal("prompts/list") }),
  z.object({ method: z.literal("prompts/get"), name, args: z.record(z.string(), z.string()).optional() }),
]);
export type FeatureRequest = z.infer<typeof FeatureRequest>;

/** The member of a client that asks it: so code and the ledger call it. */
export const featureMembers: Record<FeatureRequest["method"], string> = {
  "resources/list": "$resources.list",
  "resources/templates/list": "$resources.templates",
  "resources/read": "$resources.read",
  "prompts/list": "$prompts.list",
  "prompts/get": "$prompts.get",
};

/** What a server announces that can answer it. */
function capabilityOf({ method }: FeatureRequest): "resources" | "prompts" {
  return method.startsWith("resources/") ? "resources" : "prompts";
}

/** The refusal of a server that does not. */
export function hasNoFeature(server: string, request: FeatureRequest): UpstreamError {
  return new UpstreamError("tool_unknown", `${server} has no ${capabilityOf(request)}. describe_mcp lists its tools.`, {
    ...{ server, tool: featureMembers[request.method] },
    delivery: "answered",
  });
}

/** What a server that announces them and does not know the method has to say: a list of templates alone is left out by many. */
export function answerWithoutMethod(server: string, request: FeatureRequest): FeatureAnswer {
  if (request.method.endsWith("/list")) return [];
  throw hasNoFeature(server, request);
}

/*
 * Answers are strangers' and read loosely: what a server adds is passed on, what is odd costs its field, and an item of a list
 * without the one member that it is nothing without costs that item.
 */

const words = z.string().optional().catch(undefined);
const titled = { name: words, title: words, description: words };

const Resource = z
  .looseObject({ uri: z.string(), mimeType: words, ...titled })
  .transform((resource) => ({ ...resource, name: resource.name ?? resource.uri }));

const ResourceTemplate = z
  .looseObject({ uriTemplate: z.string(), mimeType: words, ...titled })
  .transform((template) => ({ ...template, name: template.name ?? template.uriTemplate }));

const PromptArgument = z.looseObject({ name: z.string(), required: z.boolean().optional().catch(undefined) });
const Prompt = z.looseObject({ ...titled, name: z.string(), arguments: z.array(PromptArgument).optional().catch(undefined) });

const ResourceContents = z.looseObject({ uri: z.string().catch(""), mimeType: words, text: words, blob: words });
const ReadResult = z.looseObject({ contents: z.array(ResourceContents) });

const PromptMessage = z.looseObject({ role: z.string(), content: z.looseObject({ type: z.string() }) });
const PromptResult = z.looseObject({ description: words, messages: z.array(PromptMessage) });

const Item = z.record(z.string(), z.unknown());

/** What a program gets: the items of a list, the contents of a resource, or a prompt's messages and description. */
export const FeatureAnswer = z.union([z.array(Item), Item]);
export type FeatureAnswer = z.infer<typeof FeatureAnswer>;

/** An MCP request without its id. */
export interface FeatureMessage {
  method: FeatureRequest["method"];
  params: Record<string, unknown>;
}

interface Question {
  server: string;
  /** What the server announced when it was connected to. */
  capabilities: { resources?: unknown; prompts?: unknown } | undefined;
  request: FeatureRequest;
  /** Resolves with the result as it came. */
  send: (message: FeatureMessage) => Promise<unknown>;
}

/**
 * Asks a server, as often as its list has pages.
 * @throws UpstreamError `tool_unknown` when it has none of what is asked for, `tool_error` when it answers something else
 */
export async function askFeature({ server, capabilities, request, send }: Question): Promise<FeatureAnswer> {
  const { method } = request;
  if (capabilities?.[capabilityOf(request)] === undefined) throw hasNoFeature(server, request);

  async function listOf(field: string, schema: z.ZodType<Record<string, unknown>>) {
    const requestPage = (params: { cursor?: string }) => send({ method, params });
    const items = await readAllPages({ field, itemsMax: limits.featureItemsMax, requestPage });
    return items.map((item) => schema.safeParse(item)).flatMap((item) => (item.success ? [item.data] : []));
  }

  async function answerTo<T>(params: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    const answer = schema.safeParse(await send({ method, params }));
    if (answer.success) return answer.data;
    const tool = featureMembers[method];
    throw new UpstreamError("tool_error", `${server}.${tool}: what the server answered is no result of ${method}.`, {
      ...{ server, tool, cause: answer.error },
      delivery: "answered",
    });
  }

  switch (request.method) {
    case "resources/list":
      return listOf("resources", Resource);
    case "resources/templates/list":
      return listOf("resourceTemplates", ResourceTemplate);
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
