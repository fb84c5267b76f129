import { closestHint, closestTo, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { limits } from "../limits.ts";
import { withoutIntegerMark } from "../mcp/integers.ts";
import { FeatureRequest, featureMembers } from "../mcp/resources-and-prompts.ts";
import { isExposed } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";

type Method = FeatureRequest["method"];

/** The arguments of each, for messages. */
const uses: Record<Method, string> = {
  "resources/list": "()",
  "resources/templates/list": "()",
  "resources/read": "(uri) takes the address of a resource as $resources.list() has it",
  "skills/list": "()",
  "prompts/list": "()",
  "prompts/get": "(name, args?) takes the name of a prompt and an object of texts",
};

/**
 * The MCP method behind a client's member, such as `$resources.read`.
 * @throws OrchestratorError `tool_unknown` when there is no such member, or the server's entry leaves it out
 */
export function findFeature(server: ServerEntry, member: string): Method {
  const method = FeatureRequest.options.map(({ shape }) => shape.method.value).find((known) => featureMembers[known] === member);
  if (method === undefined) {
    const suggestions = closestTo(member, Object.values(featureMembers));
    throw new OrchestratorError("tool_unknown", `A client has no "${named(member)}".${closestHint(suggestions)}`, {
      server: server.id,
      suggestions,
    });
  }
  // A registry entry may hide one of them, or all of one kind by `$resources` or `$prompts`.
  const [kind = member] = member.split(".");
  if (isExposed(server, [member, kind])) return method;
  throw new OrchestratorError(
    "tool_unknown",
    `${server.id}.${member} is hidden by its registry entry (tools.allow, tools.deny).`,
    { server: server.id, tool: member },
  );
}

/**
 * The request, with the arguments that user code passed.
 * @throws OrchestratorError `invalid_arguments`
 */
export function readFeatureRequest(server: ServerEntry, method: Method, args: Record<string, JsonValue>): FeatureRequest {
  const request = FeatureRequest.safeParse({ ...args, method });
  if (request.success) return withPlainTexts(request.data);
  const member = featureMembers[method];
  throw new OrchestratorError(
    "invalid_arguments",
    `${server.id}.${member}${uses[method]}, at most ${limits.featureNameCharsMax} characters.`,
    { server: server.id, tool: member },
  );
}

/** The arguments of a prompt are texts: a BigInt among them is the text of its digits. */
function withPlainTexts(request: FeatureRequest): FeatureRequest {
  if (request.method !== "prompts/get" || request.args === undefined) return request;
  const args = Object.entries(request.args).map(([name, text]) => [name, withoutIntegerMark(text)]);
  return { ...request, args: Object.fromEntries(args) };
}
