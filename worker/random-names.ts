/** Fifteen digits are 50 bits, which nobody guesses while a result is kept, and five tokens wherever a model reads or writes them. */
export function newHandle(): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `r_${String(random % 10n ** 15n).padStart(15, "0")}`;
}

/** Nobody guesses it. */
export function randomName(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}
