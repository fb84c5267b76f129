/** Limits on a schema that is made from types: a model reads it, and a library keeps it. */
export const signatureLimits = {
  /** Types visited for one schema, and how deep. A type that has more is no list of arguments. */
  typesMax: 1_000,
  depthMax: 16,
  /** Literals of one union: there are about 600 time zones. */
  literalsMax: 1_000,
  /** Description of one property, from its comment. */
  descriptionCharsMax: 1_000,
} as const;
