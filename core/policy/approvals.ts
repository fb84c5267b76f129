import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { AskingRules, ToolRules } from "../registry/tool-rules.ts";

/** Why a call needs a person: what the registry says of the tool, or that it changes something at a server of high sensitivity. */
export interface ApprovalReason {
  rule: "tools.ask" | "sensitivity";
  limit: string;
}

type Asked = Pick<ServerEntry, "sensitivity" | "tools">;
type AskedTool = Pick<Tool, "name" | "annotations">;

/** Whether a person has to allow the call; undefined if not. */
export function approvalReason({ sensitivity, tools }: Asked, { name, annotations }: AskedTool): ApprovalReason | undefined {
  const rule = ruleFor(tools, name);
  if (rule?.list === "ask") return { rule: "tools.ask", limit: rule.says };
  if (rule !== undefined || sensitivity !== "high" || annotations?.readOnlyHint === true) return undefined;
  return { rule: "sensitivity", limit: sensitivity };
}

/** The standing rule by which a call that would have been asked about was not; undefined for any other call. */
export function standingRule({ sensitivity, tools }: Asked, tool: AskedTool): string | undefined {
  const rule = ruleFor(tools, tool.name);
  if (rule?.list !== "alwaysAllow") return undefined;
  const without = { sensitivity, tools: { ask: [...(tools.ask ?? []), ...ownRules(tools).flatMap(([, { ask = [] }]) => ask)] } };
  return approvalReason(without, tool) === undefined ? undefined : rule.says;
}

/**
 * Whether any call of the server may have to be asked about.
 * @param tools those that it has; left out, nobody knows
 */
export function mayAsk(server: Asked, tools?: readonly AskedTool[]): boolean {
  const { sensitivity, tools: rules } = server;
  const isRuled = [rules, ...ownRules(rules).map(([, own]) => own)].some(({ ask = [] }) => ask.length > 0);
  if (sensitivity !== "high" && !isRuled) return false;
  return tools === undefined || tools.some((tool) => approvalReason(server, tool) !== undefined);
}

interface Ruling {
  list: "ask" | "alwaysAllow";
  /** The pattern, and whose rule it is if not everybody's. */
  says: string;
}

/**
 * The rule that counts for a tool. Those for the principal come first: if none of their patterns fits, those for all. Of two lists
 * the pattern counts that says more of the name, and of equals `ask`.
 */
function ruleFor(tools: ToolRules, name: string): Ruling | undefined {
  const own = ownRules(tools);
  return (own.length === 0 ? undefined : rulingIn(own, name)) ?? rulingIn([[undefined, tools]], name);
}

/** In a session's registry only its own principal has any; under more than one name only if the file calls it by them. */
function ownRules({ principals }: ToolRules): [string, AskingRules][] {
  return principals === undefined ? [] : Object.entries(principals);
}

function rulingIn(rules: readonly [string | undefined, AskingRules][], name: string): Ruling | undefined {
  let best: (Ruling & { rank: number }) | undefined;
  for (const list of ["ask", "alwaysAllow"] as const)
    for (const [whose, { [list]: patterns = [] }] of rules)
      for (const pattern of patterns) {
        const rank = rankOf(pattern, name);
        if (rank === undefined || (best !== undefined && rank <= best.rank)) continue;
        best = { list, says: whose === undefined ? pattern : `${pattern} for ${whose}`, rank };
      }
  return best;
}

/** How much a pattern says of a name that it matches; undefined if it does not match. In a pattern `*` stands for any characters. */
function rankOf(pattern: string, name: string): number | undefined {
  if (pattern === name) return Number.POSITIVE_INFINITY;
  return matches(pattern, name) ? pattern.replaceAll("*", "").length : undefined;
}

/** One pass, without a regular expression: a name is a server's word. */
function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (!name.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
