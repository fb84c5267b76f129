/** The limits of what is learnt of the types of results, as in limits.ts. */
export const observationLimits = {
  /** Values examined of one result: twenty items on each of six levels would be millions. */
  valuesMax: 10_000,
  /** Observed types: nesting, members of an object before its names count as data, items examined per list. */
  depthMax: 6,
  membersMax: 40,
  itemsMax: 20,
  /** Type nodes remembered for one tool's results (about ten kilobytes), and tools of one server with observed types. */
  nodesMax: 300,
  toolsMax: 300,
  /** Consecutive results without new information, after which a tool's results are no longer examined. */
  unchangedMax: 20,
} as const;
