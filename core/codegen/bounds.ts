/**
 * Limits on the type generated from one schema. Anything beyond them becomes `unknown`: the tool still works, but less is
 * checked.
 */
export const schemaBounds = {
  /** Nesting of objects, arrays and combinators. */
  depthMax: 16,
  /** Schemas and literals visited in one document, including its definitions. */
  nodesMax: 20_000,
  /** Named types for one schema. */
  definitionsMax: 300,
  /** References followed to find out which definitions of one document are, without an object between them, part of themselves. */
  linksMax: 200_000,
  /** Properties of one object. Further ones are accepted unchecked. */
  membersMax: 300,
  /** Literals of one enum; there are about 600 time zones. */
  literalsMax: 1_000,
  /** Alternatives in one anyOf or oneOf. */
  alternativesMax: 100,
  /**
   * Length of a property name and of a string literal. A longer property is left out of the type, a longer literal becomes
   * `string`.
   */
  nameCharsMax: 200,
  literalCharsMax: 1_000,
  /** Positional items of a tuple. */
  tupleItemsMax: 32,
} as const;
