import { distance } from "fastest-levenshtein";

/** Up to `max` candidates that `name` may have meant, best first: small edits, ignoring case and separators, or parts. */
export function closestTo(name: string, candidates: readonly string[], max = 3): string[] {
  const wanted = fold(name);
  return candidates
    .map((candidate) => ({ candidate, cost: costOf(wanted, fold(candidate)) }))
    .filter(({ cost }) => cost <= Math.max(2, wanted.length * 0.4))
    .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

/** " Closest: a, b." or nothing, to end a message with. */
export function closestHint(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? "" : ` Closest: ${suggestions.join(", ")}.`;
}

function costOf(wanted: string, candidate: string): number {
  if (wanted.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate))) return 1;
  return distance(wanted, candidate);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
