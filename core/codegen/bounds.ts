/** Bounds of the type made from one schema. What lies beyond is `unknown`: it costs checking, not the tool. */
export const schemaBounds = {
  /** Objects, arrays and combinators inside each other. */
  depthMax: 16,
  /** Schemas and literals looked at for one document, its definitions included. */
  nodesMax: 20_000,
  /** Named types of one schema. */
  definitionsMax: 300,
  /** Properties of one object; with more, the rest passes unchecked. */
  membersMax: 300,
  /** Literals of one enum: time zones are 600. */
  literalsMax: 1_000,
  /** Alternatives of one anyOf or oneOf. */
  alternativesMax: 100,
  /** Characters of a property's name and of a literal: longer ones are no names, and pass unchecked. */
  nameCharsMax: 200,
  literalCharsMax: 1_000,
  /** Fixed places of a tuple. */
  tupleItemsMax: 32,
} as const;
