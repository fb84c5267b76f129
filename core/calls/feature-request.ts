import { closestHint, closestTo, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { limits } from "../limits.ts";
import { FeatureRequest, featureMembers } from "../mcp/resources-and-prompts.ts";
import { isExposed } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";

type Method = FeatureRequest["method"];

/** What each takes, for messages. */
const uses: Record<Method, string> = {
  "resources/list": "()",
  "resources/templates/list": "()",
  "resources/read": "(uri) takes the address of a resource as $resources.list() has it",
  "prompts/list": "()",
  "prompts/get": "(name, args?) takes the name of a prompt and an object of texts",
};

/**
 * The method behind a member of a client that user code named.
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
  // An entry may leave out one of them, or all of one kind by `$resources` or `$prompts`.
  const [kind = member] = member.split(".");
  if (isExposed(server, [member, kind])) return method;
  throw new OrchestratorError(
    "tool_unknown",
    `${server.id}.${member} is left out by its registry entry (tools.allow, tools.deny).`,
    { server: server.id, tool: member },
  );
}

/**
 * What user code asks, with what it gave along.
 * @throws OrchestratorError `invalid_arguments`
 */
export function readFeatureRequest(server: ServerEntry, method: Method, args: Record<string, JsonValue>): FeatureRequest {
  const request = FeatureRequest.safeParse({ ...args, method });
  if (request.success) return request.data;
  const member = featureMembers[method];
  throw new OrchestratorError(
    "invalid_arguments",
    `${server.id}.${member}${uses[method]}, at most ${limits.featureNameCharsMax} characters.`,
    { server: server.id, tool: member },
  );
}
