/** The limits of the audit, as in limits.ts. */
export const auditLimits = {
  /** A name in a record, such as a server's or a tool's: programs and strangers choose some of them. */
  nameCharsMax: 200,
  /** Servers that are named in the record of a run. */
  serversOfRunMax: 8,
  /** JSON of the arguments in a record, where they are recorded: enough to see what a call was about. */
  argumentsCharsMax: 8_192,
  /** Calls of one run that were refused before they were sent and are recorded one by one; later ones are counted. */
  refusedCallsMax: 100,
  /** Records that a session holds until the trail has them. Only while that cannot be reached does it matter. */
  outboxBytesMax: 4 * 1024 * 1024,
  /** What the trail keeps of the deployment, and apart from that of refused strangers, who could otherwise push the rest out. */
  trailBytesMax: 64 * 1024 * 1024,
  strangersBytesMax: 8 * 1024 * 1024,
  /** Records in one answer of /audit.jsonl, and in one message to the trail. */
  recordsReadMax: 1_000,
  recordsSentMax: 500,
  /** Runs on one page of the console, and records that are looked at to find them. */
  runsShownMax: 50,
  rowsLookedAtMax: 20_000,
  /** Records handed on at once, and what a batch of a queue takes of them, which has 256 KB. */
  recordsHandedOnMax: 100,
  queuedCharsMax: 64 * 1024,
  charsSentMax: 1024 * 1024,
  /** What is under way for longer than this is written down before it ends. Every commit waits for the disk. */
  commitMs: 100,
  /** How long a written record waits for others before it is sent; one that comes after a quiet time is sent at once. */
  sendMs: 1_000,
  quietMs: 10_000,
  /** After a failure, records are sent again this much later. */
  sendAgainMs: 30_000,
  /** Sessions with records that may still wait, which a reader of the audit asks for them. */
  sessionsAskedMax: 20,
  /** Series of one metric; what would be more is counted as "other". */
  seriesMax: 500,
  /** Characters that are counted of a call's result: clients cut what is longer, so no more would have come into a context. */
  resultCharsCounted: 100_000,
  /** And of a run's answer, which has bounds of its own. */
  answerCharsCounted: 1_000_000,
  /** What is tallied for the console's numbers: about 300 short periods and 750 long ones, of less than a kilobyte each. */
  shortPeriodMs: 5 * 60_000,
  shortPeriodsKeptMs: 25 * 3_600_000,
  longPeriodMs: 3_600_000,
  longPeriodsKeptMs: 31 * 86_400_000,
  /** Servers, each with each of its principals, whose calls of the day are counted. */
  serverDaysMax: 10_000,
  /** Refusals of strangers that one process of the Worker records per minute; later ones are counted. */
  refusalsPerMinute: 600,
} as const;
