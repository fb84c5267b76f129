/** Limits on type-checking: the compiler is there for every session. */
export const checkLimits = {
  /** Source that is type-checked; the compiler takes about 6 ms per kilobyte. A larger program runs unchecked. */
  checkedCharsMax: 256 * 1024,
  /** A JSON file whose type the checker infers. */
  checkedJsonCharsMax: 32 * 1024,
  /** Members of a union and of an intersection that a program declares. A type with more is `any` to the checker. */
  checkedAlternativesMax: 100,
  checkedIntersectionMax: 8,
  /** Compiler diagnostics examined for one program, and problems reported. Fixing the first often fixes the rest. */
  diagnosticsMax: 2_000,
  typeProblemsMax: 8,
  /** A type that a message prints: a longer one is a list of signatures, and costs more than it tells. */
  typeCharsMax: 240,
  /** Fields of a value that are looked through for one that fits in its place. With more it is a guess which is meant. */
  fieldsSearchedMax: 3,
  /** Client declarations that the checker keeps parsed. */
  declarationsKeptMax: 200,
} as const;
