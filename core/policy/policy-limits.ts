/** The bounds of what a principal may do in all its sessions together, and of the waits that this causes. */
export const policyLimits = {
  /** Runs of a principal per minute, and at most at once started: a hundred a second is a program gone wrong. */
  runsPerMinute: 6_000,
  /** Runs of a principal at once, in all its sessions together; one session has `limits.runsAtOnce`. */
  runsAtOnce: 64,
  /** Runs of a session that wait for a place, and how long one waits. */
  runsQueuedMax: 500,
  runsQueuedMs: 60_000,
  /** Calls of a session that wait for a place at one server, and how long one waits: half of the longest run. */
  callsQueuedMax: 2_000,
  callsQueuedMs: 60_000,

  /** A session takes a hundredth of a minute's calls at once, so that most calls ask nobody; it may use them for this long. */
  rateShares: 100,
  rateLeaseMs: 60_000,
  /**
   * A session takes a quarter of a server's places at once, and a sixteenth of those for runs, so that not each has to be asked for, and
   * less where fewer are left. It returns those that it has not used for a second.
   */
  placeShares: 4,
  runShares: 16,
  idlePlaceMs: 1_000,
  /** Places of a session that has not been heard of for this long are free again. */
  placeLeaseMs: 15_000,
  /** How often a session in which programs run is heard of, and hears that others wait. */
  placeRenewalMs: 2_000,
  /** How long one request for places waits before it is made again. */
  placeAskMs: 10_000,
  /** Sessions that wait at once for places at one server. */
  placeAsksMax: 1_000,
  /** Rates that are remembered of a principal. Full ones go first: nothing is lost with them. */
  ratesKeptMax: 1_000,

  /** Bytes of files, and sandbox sessions, that a principal keeps in all its sessions together. */
  fileBytesMax: 512 * 1024 * 1024,
  sandboxesMax: 20,
  /** A session takes room for files in steps of this, so that most writes ask nobody. */
  fileBytesStep: 1024 * 1024,
  /** What a session keeps counts for so much longer than it said, so that it need not say so at each use. */
  holdingsSlackMs: 10 * 60_000,

  /**
   * Tools of one server that are pinned without a person, and their JSON: two whole listings. All of them are written whenever one is added,
   * and a server may list others each time.
   */
  pinnedToolsMax: 10_000,
  pinnedCharsMax: 8 * 1024 * 1024,
} as const;
