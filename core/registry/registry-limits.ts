/** Limits of changes of the registry file. */
export const registryLimits = {
  /** Characters of a configuration of another program that is pasted. */
  pastedCharsMax: 1_000_000,
  /** Entries that are added at once. */
  entriesAddedMax: 500,
} as const;
