/**
 * Every number of the ranking. They were chosen on queries that were written for it, and judged on others (bench/search): most of
 * them may change by a fifth and nothing happens.
 */
export const weights = {
  /** BM25's saturation of a word's frequency, and the share of a text's length in it. */
  saturation: 0.85,
  lengthShare: 0.5,
  /** Kinds of texts: what a word in one is worth, and how many characters such a text usually has. */
  fields: {
    name: { weight: 3, usualChars: 22 },
    firstSentence: { weight: 1.5, usualChars: 90 },
    otherSentences: { weight: 0.5, usualChars: 300 },
    parameters: { weight: 0.25, usualChars: 240 },
    server: { weight: 2, usualChars: 90 },
  },
  /**
   * Words of one server that nothing else has, except in names. Those of 5,000 real tools are a fifth of it; a server that makes up words would fill
   * the memory with them.
   */
  termsPerServer: 20_000,
  /** Relative to the word itself: a synonym of a word in a document and of one in a query, a word that it hints at, and one only spelt alike. */
  documentMeaning: 0.6,
  meaning: 0.85,
  hint: 0.4,
  spelling: 0.45,
  /** Share of the score that depends on how much of the tool's name is in the query, and on how much of the query is in the tool. */
  nameShare: 0.25,
  coverShare: 0.5,
  /** Factors for a tool that does what is asked, for one that does something else, and for one that says it is not to be called. */
  sameAction: 1.2,
  otherAction: 0.8,
  discouraged: 0.5,
  /** What a word of its server is worth to a tool. */
  server: 0.5,
  /** Priority decides only between equal scores: ten steps of it weigh less than the weakest match of a word. */
  priorityStep: 0.0001,
  /** Bonus for a tool that helped with the same wish several times before. */
  helped: 0.15,
  /** Tools and servers with less than this share of the best score are not shown. */
  cut: 0.38,
  /** A saved program is for just what is asked if it has this share of `whole` by its own text, and every other tool less than this of its score. */
  keptFit: 0.5,
  keptWords: 3,
  keptLead: 0.6,
  /** Nothing fits if these, each times its sign in `fit.ts`, are less than zero together. They were fitted to the queries of bench/search. */
  fitAlways: -2.1,
  fit: {
    score: 5.15,
    found: 0.95,
    objectUnknown: -3.5,
    objectAbsent: -2.2,
    objectFound: -2.4,
    serviceAbsent: -1.75,
  },
};
