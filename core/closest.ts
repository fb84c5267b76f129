import { distance } from "fastest-levenshtein";
import { limits } from "./limits.ts";

/** Up to `max` candidates that `name` may have meant, best first: small edits, ignoring case and separators, or parts. */
export function closestTo(name: string, candidates: readonly string[], max = 3): string[] {
  const wanted = fold(name.slice(0, limits.namedCharsMax));
  return candidates
    .map((candidate) => ({ candidate, cost: costOf(wanted, fold(candidate)) }))
    .filter(({ cost }) => cost <= Math.max(2, wanted.length * 0.4))
    .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

/** Whether `name` can only be a slip of the pen for one of these: a word of its own that is merely near is not. */
export function isMisspelling(name: string, names: readonly string[]): boolean {
  const slipsMax = name.length < 5 ? 1 : 2;
  return names.some((candidate) => distance(fold(name), fold(candidate)) <= slipsMax);
}

/** " Closest: a, b." or nothing, to end a message with. */
export function closestHint(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? "" : ` Closest: ${suggestions.join(", ")}.`;
}

/** A wrong name as a message repeats it. */
export function named(name: string): string {
  return name.length <= limits.namedCharsMax ? name : `${name.slice(0, limits.namedCharsMax)}…`;
}

function costOf(wanted: string, candidate: string): number {
  const shorter = Math.min(wanted.length, candidate.length);
  if (shorter >= 3 && (candidate.includes(wanted) || wanted.includes(candidate))) return 1;
  return distance(wanted, candidate);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
