export interface Summary {
  median: number;
  p95: number;
  samples: number;
}

/** @param values at least one number */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const median = sorted.length % 2 === 0 ? ((sorted[sorted.length / 2 - 1] ?? Number.NaN) + at(0.5)) / 2 : at(0.5);
  return { median, p95: at(0.95), samples: sorted.length };
}
