import { closestHint, closestTo, named } from "../closest.ts";
import { limits } from "../limits.ts";
import { type Registry, type ServerEntry, sourceOf } from "../registry/registry.ts";
import type { Match } from "../search/find.ts";
import { discoveryLimits } from "./discovery-limits.ts";
import type { ListInput } from "./tool-definitions.ts";

/* The `message` of a list: why it is empty, what no server has, what nothing fits. */

export function emptyMessage(registry: Registry): string {
  const broken = registry.problems.length > 0 ? ` It has ${registry.problems.length} problem(s): ${firstProblem(registry)}` : "";
  return `No MCP servers are registered. Add them to ${sourceOf(registry)}.${broken}`;
}

function firstProblem({ problems }: Registry): string {
  const first = problems[0];
  return first === undefined ? "" : `${first.path}: ${first.message}`;
}

export function problemsMessage(registry: Registry): string | undefined {
  if (registry.problems.length === 0) return undefined;
  return `${sourceOf(registry)} has ${registry.problems.length} problem(s): ${firstProblem(registry)}`;
}

export function excludedMessage(missing: string | undefined): string {
  return missing ?? "No server has this visibility, domain or tag; omit the filters to see all.";
}

/** What the filters ask for that no server has, with the closest and the known names. */
export function missingFilters({ domains = [], tags = [] }: ListInput, servers: readonly ServerEntry[]): string | undefined {
  const told = [
    ...missingNames(
      "domain",
      domains,
      servers.flatMap((server) => server.domains),
    ),
    ...missingNames(
      "tag",
      tags,
      servers.flatMap((server) => server.tags),
    ),
  ];
  return told.length === 0 ? undefined : told.join(" ");
}

function missingNames(kind: "domain" | "tag", wanted: readonly string[], have: readonly string[]): string[] {
  const known = [...new Set(have)];
  const folded = new Set(known.map((name) => name.toLowerCase()));
  const missing = wanted.filter((name) => !folded.has(name.toLowerCase())).slice(0, limits.inputProblemsMax);
  if (missing.length === 0) return [];
  const closest = [...new Set(missing.flatMap((name) => closestTo(name, known)))];
  const rest = known.length - discoveryLimits.filterNamesMax;
  const names = known.slice(0, discoveryLimits.filterNamesMax).join(", ");
  const list =
    known.length === 0 ? `No server has a ${kind}.` : `Known ${kind}s: ${names}${rest > 0 ? ` and ${rest} more` : ""}.`;
  return [`No ${kind} ${missing.map((name) => `"${named(name)}"`).join(", ")}.${closestHint(closest)} ${list}`];
}

/** That servers which are not shown fit best, and how they are used. */
export function leftOutMessage(servers: readonly ServerEntry[]): string | undefined {
  if (servers.length === 0) return undefined;
  const names = servers.map(({ id, visibility }) => `${id} (${visibility})`).join(", ");
  const visibility = JSON.stringify([...new Set(servers.map((server) => server.visibility))]);
  return `Left out although it fits best: ${names}. List it with visibility ${visibility}; a program names it in allowedMcpIds.`;
}

/** How people talk. No tool is missing because nothing mentions them. */
const fillers = new Set(
  (
    "actually anyway asap asked asking basically dunno gonna gotta guys hello hey hopefully honestly kindly lemme literally maybe " +
    "obviously perhaps pls quickly regards says somebody somehow someone somewhat stuff thank thanks told totally urgently wanna " +
    "wants whatever whats wondering yeah"
  ).split(" "),
);

interface FoundFor {
  wish: string;
  matches: readonly Match[];
  unknown: readonly string[];
}

/** What nothing here mentions, and which of several wishes nothing fits. */
export function fitMessage(found: readonly FoundFor[]): string | undefined {
  const words = [...new Set(found.flatMap((wish) => wish.unknown))].filter((word) => !fillers.has(word));
  const unknown = words.slice(0, discoveryLimits.unknownWordsMax);
  const mentions = unknown.length === 0 ? "" : `Nothing here mentions: ${unknown.map(named).join(", ")}.`;
  const weak = found.filter(({ matches }) => matches[0]?.isWeak);
  if (weak.length === 0) return mentions === "" ? undefined : mentions;
  const which = found.length === 1 ? "" : ` for ${weak.map(({ wish }) => `"${named(wish)}"`).join(", ")}`;
  return `Nothing matches well${which}; these are the nearest.${mentions === "" ? "" : ` ${mentions}`}`;
}
