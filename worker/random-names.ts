/**
 * Fifteen digits are 50 bits, which nobody guesses while a result is kept, and five tokens wherever a model reads or writes them: a
 * UUID takes 24.
 */
function newDigits(): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return String(random % 10n ** 15n).padStart(15, "0");
}

export const newHandle = (): string => `r_${newDigits()}`;

/** Every failed answer has these two. */
export const newRunId = (): string => `run_${newDigits()}`;
export const newRequestId = newDigits;

/** Nobody guesses it. */
export function randomName(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}
