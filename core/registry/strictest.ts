import { callLimitsOf } from "./call-limits.ts";
import type { ServerEntry } from "./registry.ts";
import type { AskingRules, ToolRules } from "./tool-rules.ts";

/**
 * The entry of a bridge, where it is not less strict than the Worker's own entry of that id: a bridge says what its server is and how
 * it is reached, and cannot allow more than the Worker does.
 */
export function strictest(bridge: ServerEntry, own: ServerEntry): ServerEntry {
  const [its, ours] = [callLimitsOf(bridge), callLimitsOf(own)];
  return {
    ...bridge,
    sensitivity: stricter(["low", "medium", "high"], bridge.sensitivity, own.sensitivity),
    visibility: stricter(["default", "opt_in", "experimental"], bridge.visibility, own.visibility),
    pin: stricter(["off", "first", "strict"], bridge.pin, own.pin),
    limits: {
      ...bridge.limits,
      timeoutMs: Math.min(its.timeoutMs, ours.timeoutMs),
      callsPerRun: Math.min(its.callsPerRun, ours.callsPerRun),
      callsPerMinute: Math.min(its.callsPerMinute, ours.callsPerMinute),
      concurrency: Math.min(its.concurrency, ours.concurrency),
    },
    tools: strictestTools(bridge.tools, own.tools),
  };
}

function stricter<Level extends string>(ascending: readonly Level[], one: Level, other: Level): Level {
  return ascending.indexOf(one) >= ascending.indexOf(other) ? one : other;
}

function strictestTools(bridge: ToolRules, own: ToolRules): ToolRules {
  const allow =
    own.allow && bridge.allow ? bridge.allow.filter((name) => own.allow?.includes(name)) : (own.allow ?? bridge.allow);
  const deny = [...new Set([...(own.deny ?? []), ...(bridge.deny ?? [])])];
  const principals = strictestPrincipals(bridge, own);
  return {
    ...(allow === undefined ? {} : { allow }),
    ...(deny.length === 0 ? {} : { deny }),
    ...strictestAsking(bridge, own),
    ...(principals.length === 0 ? {} : { principals: Object.fromEntries(principals) }),
  };
}

/** What never asks is said by the Worker alone. */
function strictestAsking(bridge: AskingRules, { ask: ownAsk = [], alwaysAllow }: AskingRules): AskingRules {
  const ask = [...new Set([...ownAsk, ...(bridge.ask ?? [])])];
  return { ...(ask.length === 0 ? {} : { ask }), ...(alwaysAllow === undefined ? {} : { alwaysAllow }) };
}

/** What the bridge's entry asks everybody about, it asks those about too who have rules of their own. */
function strictestPrincipals(bridge: ToolRules, own: ToolRules): [string, AskingRules][] {
  const names = new Set([...Object.keys(own.principals ?? {}), ...Object.keys(bridge.principals ?? {})]);
  return [...names].map((name) => {
    const ask = [...(bridge.principals?.[name]?.ask ?? []), ...(bridge.ask ?? [])];
    return [name, strictestAsking({ ask }, own.principals?.[name] ?? {})];
  });
}
