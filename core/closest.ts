import { distance } from "fastest-levenshtein";
import { limits } from "./limits.ts";
import { cutText } from "./text.ts";

/**
 * Up to `max` candidates that `name` may mean, best first: those within a small edit distance, ignoring case and separators, or
 * those that contain it or are part of it.
 */
export function closestTo(name: string, candidates: readonly string[], max = 3): string[] {
  const wanted = fold(name.slice(0, limits.namedCharsMax));
  return (
    candidates
      .map((candidate) => ({ candidate, cost: costOf(wanted, fold(candidate)) }))
      // Two letters are two changes from any other two.
      .filter(({ cost }) => cost <= Math.max(2, wanted.length * 0.4) && (cost === 0 || cost < wanted.length))
      .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))
      .slice(0, max)
      .map(({ candidate }) => candidate)
  );
}

/**
 * Whether `name` must be a misspelling of one of `names`. Stricter than `closestTo`: a different word that is merely similar is
 * none.
 */
export function isMisspelling(name: string, names: readonly string[]): boolean {
  const editsMax = name.length < 5 ? 1 : 2;
  return names.some((candidate) => distance(fold(name), fold(candidate)) <= editsMax);
}

/** Whether two names differ only in case and separators. A long text is no name. */
export function isSameName(one: string, other: string): boolean {
  if (Math.max(one.length, other.length) > 2 * limits.namedCharsMax) return one === other;
  const folded = fold(one);
  return one === other || (folded !== "" && folded === fold(other));
}

/** " Closest: a, b." to end a message with, or "" without suggestions. */
export function closestHint(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? "" : ` Closest: ${suggestions.join(", ")}.`;
}

/**
 * That a server has no such tool, and what it has: all names, where nothing is close and they take fewer tokens than to ask for them.
 *
 * @param of.names as programs write them
 */
export function noToolMessage(name: string, { server, closest, names }: NoTool): string {
  const next = closest.length === 0 && names !== undefined ? (toolNamesHint(names) ?? listing) : listing;
  return `No tool "${named(name)}" on ${server}.${closestHint(closest)} ${next}`;
}

const listing = "describe_mcp lists its tools.";

/** The names of all tools of a server, unless there are too many. */
export function toolNamesHint(names: readonly string[]): string | undefined {
  const hint = names.length === 0 ? "It has no tools." : `Its tools: ${names.join(", ")}.`;
  return hint.length <= limits.toolNamesCharsMax ? hint : undefined;
}

interface NoTool {
  server: string;
  closest: readonly string[];
  /** Undefined if there are too many. */
  names: readonly string[] | undefined;
}

/** A wrong name, shortened for use in a message. */
export function named(name: string): string {
  return cutText(name, limits.namedCharsMax).toWellFormed();
}

function costOf(wanted: string, candidate: string): number {
  const shorter = Math.min(wanted.length, candidate.length);
  if (shorter >= 3 && (candidate.includes(wanted) || wanted.includes(candidate))) return 1;
  return distance(wanted, candidate);
}

/** Letters and digits of any script: what is left of a name in any case and with any separators. */
export function fold(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
