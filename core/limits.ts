/**
 * The limits that the product has in more than one room, or that its documents name; a room's own are in its `*-limits.ts`. Each name
 * ends in its unit; each comment says what the limit protects and why it has this value.
 * Bytes are UTF-8 bytes on a socket, and UTF-16 units for a string in memory.
 */
export const limits = {
  /** Source of one program. A model writes it in one answer; a megabyte is a data dump or an attack. */
  sourceBytesMax: 512 * 1024,
  /** Files of one program: keeps its compilation and its module map cheap. */
  filesMax: 64,
  /** Path of a user's file, which is shown in errors and used as a module name. */
  filePathCharsMax: 200,

  /** Time to read one program, from parsing to the type-check: milliseconds for most. The others wait as long, at most. */
  readMs: 5_000,
  /** Time for the compiler's process to start, on a busy machine. It does not count as reading. */
  compilerStartMs: 20_000,
  /** A compiled program with its clients, and its source maps. Both cross in one message, which may have 32 MiB. */
  compiledCharsMax: 12 * 1024 * 1024,
  positionsCharsMax: 512 * 1024,
  /** Positions in the printed lines of one run that are mapped to the user's files. No one reads more stacks. */
  positionsPrintedMax: 2_000,
  /** Programs of a session whose reading is remembered, and all of them together. */
  readProgramsMax: 100,
  readProgramsCharsMax: 8 * 1024 * 1024,

  /** Wall time of one run unless the caller sets another, in addition to one call of its slowest server (see run-time.ts). */
  runMs: 10_000,
  /** The longest wall time of a run: after it clients give up by themselves. */
  runMsMax: 120_000,
  /** CPU time of one run, without waiting for tools and timers. Sorting a hundred thousand records takes a tenth of it. */
  runCpuMs: 5_000,
  /** How long before its run a call ends that takes too long. */
  callsEndMs: 20,
  /** After a program's own deadline, the session waits this long for the isolate's report. */
  runGraceMs: 1_000,

  /** Memory of a sandbox process with all its programs. An empty one takes 80; Cloudflare gives each program 128. */
  sandboxMemoryMiB: 512,
  /** Programs that a sandbox process runs before it is replaced (when idle): workerd leaks about 70 KB for each. */
  programsPerProcess: 1_000,
  /** A process that starts when it is first needed ends when it was not needed for this long. */
  idleProcessMs: 600_000,
  /** Memory of the compiler's process. An idle one takes 300. */
  compilerMemoryMiB: 1_024,
  /** Concurrent runs of one session; others wait. Of a principal: core/policy/policy-limits.ts. Cloudflare allows ten dynamic Workers per Durable Object. */
  runsAtOnce: 8,

  /** Console lines kept by default, and the most that a caller may ask for. */
  logLines: 200,
  logLinesMax: 2_000,
  /** Length of one console line; longer ones are truncated, so that a printed HTML page cannot fill the answer. */
  logLineCharsMax: 4_000,
  /** Length of all console lines of a run. */
  logCharsMax: 64_000,
  /** Interval at which printed lines are sent in batches: a program that prints in a loop causes twenty messages a second. */
  logGapMs: 50,

  /** JSON of a result returned inline: about 12,000 tokens. Claude Code shows no more than 50,000 characters. */
  resultCharsInline: 48_000,
  /** JSON of any result: 8 MiB cross the isolate boundary in well under a second. */
  resultCharsMax: 8 * 1024 * 1024,
  /** Nesting of a result: code that reads it is recursive, and no one reads deeper. */
  resultDepthMax: 200,
  /** How long a large result can be read through its handle. */
  resultKeptMs: 60 * 60_000,
  /** Stored results of one session; the oldest are deleted first. */
  resultsKeptMax: 16,
  /** Size of all stored results of one session, as UTF-8. One of maximum length always fits, in any script. */
  resultsKeptBytesMax: 32 * 1024 * 1024,

  /** Message of any error returned to a caller; it may contain text from a server. */
  errorCharsMax: 4_000,
  /** A name repeated in a message: a wrong name may be a megabyte long. */
  namedCharsMax: 100,
  /** Problems of an input reported at once. */
  inputProblemsMax: 10,
  /** The reason why a server is unavailable, within a list of many servers. */
  reasonCharsMax: 400,
  /** The part of a stack, from its end, in which the program's own frames are searched. */
  stackCharsMax: 8_000,

  /** JSON of the arguments of one tool call. */
  callArgumentsCharsMax: 4 * 1024 * 1024,
  /** Calls of one run in flight at once, including those that wait for a person or for a server's concurrency limit. */
  callsInFlightMax: 1_000,
  /** Retries of one call, and the delay before the first. Together they outlast the reconnection of a bridge. */
  callRetriesMax: 3,
  callRetryMs: 200,
  /** How often one run lists a server's tools again, for a name that was not there when it began. */
  relistsMax: 10,
  /** Calls recorded of one run. A program that retries a refused call in a loop makes millions. */
  callsKeptMax: 20_000,
  /** Entries of `calls` in an answer, 25 tokens each. Successes are summed, so only calls that failed in a loop have as many. */
  callsShownMax: 30,
  /** The names of all tools of a server in an error, about 75 tokens; and how many may be looked at for it, for each wrong call. */
  toolNamesCharsMax: 300,
  toolsNamedMax: 60,
  /** Progress notifications of one run per minute, and at most at once: clients show no more, and each is a message. */
  progressPerMinute: 600,
  /** Progress notifications per minute from the calls of a run, beside its own; and those a bridge forwards for one call. */
  callProgressPerMinute: 300,
  /**
   * Log messages of servers told while a run goes on, those of them below a warning that its answer repeats, and the length of one: a
   * chatty server must leave room for the program's own output, and the model pays for each.
   */
  serverLogLinesTold: 50,
  serverLogLines: 5,
  serverLogCharsMax: 500,
  /** Log messages of one server that a bridge forwards per minute, and at most at once. */
  serverLogsPerMinute: 300,

  /**
   * Time for a person to answer an elicitation. Meanwhile the deadlines of the run and of its call are paused. If no client comes
   * back for the run, it ends then.
   */
  answerMs: 10 * 60_000,
  /** Elicitations per run: clients built on the official SDKs give up after ten rounds. */
  questionsPerRunMax: 20,
  /** The longest wait of a server's question while calls of several clients may have caused it. Most calls end sooner. */
  questionOwnerMs: 15_000,
  /** Retries of one request with the input its server required, and the delay before one for which nothing was required. */
  inputRoundsMax: 10,
  inputPauseMs: 250,
  /** Runs of a session that wait for a person at once: half of the concurrent runs, so that others have room. */
  suspendedRunsMax: 4,
  /** Limits of an elicitation: its message, its form as JSON, the form's fields and nesting, its URL, and the answer as JSON. */
  questionCharsMax: 2_000,
  questionFormCharsMax: 16_000,
  questionFieldsMax: 50,
  questionDepthMax: 32,
  questionUrlCharsMax: 2_000,
  answerCharsMax: 64_000,

  /** One session value set by a program, as JSON; it is one row of the session's storage. */
  sessionValueCharsMax: 256 * 1024,
  /** Session values of one session, and their total size as UTF-8. */
  sessionValuesMax: 256,
  sessionValuesBytesMax: 16 * 1024 * 1024,

  /** Age of a cached tool listing after which it is fetched again before use. */
  catalogTtlMs: 5 * 60_000,
  /** How long a use waits for that fetch. After it the old listing is used, and the fetch continues. */
  catalogWaitMs: 2_000,
  /** Time to list a server's tools, and to connect to a remote one. Restarted while a stdio server is still starting. */
  catalogFetchMs: 20_000,
  /** The MCP SDK's request timeout, too long to ever fire: our own deadlines end requests, and progress restarts them. */
  sdkTimeoutMs: 24 * 60 * 60_000,
  /** Delay of the next automatic fetch after a failed one, so that a dead server does not slow down every request. */
  catalogRetryMs: 15_000,
  /** How often per minute, and at most at once, the tools of a server are fetched again because it says that they have changed. */
  relistingsPerMinute: 10,
  /** Servers whose tools are fetched concurrently in the background. */
  discoveryConcurrency: 4,
  /** A server that takes longer frees its slot for the next one; otherwise a few silent servers would delay all others. */
  discoveryTurnMs: 2_000,
  /** Servers that `mcp-bridge check` starts at once. Each is a process; with fifty starting together, none is ready in time. */
  checksAtOnce: 16,
  /** Tools taken from one server. */
  toolsPerServerMax: 5_000,
  /** Pages of any MCP listing: a cursor that never ends is cut off. */
  listPagesMax: 200,
  /** Resources, resource templates or prompts taken from one server in one answer. */
  featureItemsMax: 5_000,
  /** Length of a resource URI and of a prompt name that a program requests. */
  featureNameCharsMax: 8_000,

  /** Domains and tags by which one request filters, the wishes of one, and the length of a query. */
  listFiltersMax: 100,
  listWishesMax: 5,
  inputQueryCharsMax: 2_000,
  /** Servers in one answer of list_mcp_capabilities: the most, and the default. */
  listServersMax: 100,
  listServers: 20,
  /** The part of a query that is searched: its first characters, words (each is one bit), and unknown words that are looked up as misspellings. */
  queryCharsMax: 1_000,
  queryWordsMax: 31,
  queryCorrectionsMax: 12,
  /** A longer word of a query is an id or data, and no spelling of anything. */
  wordCharsMax: 64,
  /** Characters that are indexed of a tool's description, and of its parameter names. */
  searchedCharsMax: 400,
  /** Vocabulary for correcting misspelt words, and its words of one first letter and length: what servers say later corrects nothing. */
  searchVocabularyMax: 100_000,
  searchSpellingsMax: 1_000,
  /** Cost of the steps of longer work without a pause, in words read: a few milliseconds. */
  turnCost: 4_000,
  /** One line of a server's description. */
  descriptionLineCharsMax: 160,
  /** A server's whole description within a JSDoc comment. */
  descriptionCharsMax: 1_200,

  /** One frame of the tunnel, as UTF-8: the arguments or result of a call. Both ends hold several copies while parsing. */
  frameBytesMax: 16 * 1024 * 1024,
  /** Longer frames are split into chunks of this length, so that heartbeats and other calls get in between. */
  partCharsMax: 256 * 1024,
  /** One WebSocket message of the tunnel. A chunk fits even if each character takes three bytes or is escaped. */
  messageBytesMax: 1024 * 1024,
  /** Size of all unanswered requests on the tunnel: the Worker cannot see how much the socket still buffers. */
  requestCharsInFlightMax: 16 * 1024 * 1024,
  /** Bytes the bridge buffers in the socket before it waits: what comes next may be more urgent. */
  socketBufferedBytesMax: 512 * 1024,
  /** Answers queued on the bridge for a slow network; beyond this it accepts no requests. A few of the largest fit. */
  answerCharsQueuedMax: 64 * 1024 * 1024,
  /** Progress notifications queued likewise; further ones are dropped, because a later one supersedes them. */
  noticesQueuedMax: 100,
  /** The path of a registry file that a bridge stands for, which the instructions name. */
  registrySourceCharsMax: 200,
  /** Bridges connected to one session: the machines of one user. */
  bridgesMax: 16,
  /** Bridges that a session remembers, including disconnected ones, and for how long after they were last connected. */
  bridgesKnownMax: 32,
  bridgeKnownMs: 30 * 24 * 60 * 60_000,
  /** The loss of a stateful server's state is reported for this long after its last use: who calls later did not rely on it. */
  stateReliedOnMs: 60 * 60_000,
  /**
   * One message of a stdio server, in characters: four times a tunnel frame. A result that is just too large fails its call but
   * not the server; only a message no honest server sends ends the process.
   */
  stdioMessageCharsMax: 64 * 1024 * 1024,
  /** Concurrent requests on a bridge. The gate's own limits are far lower, so more is a fault of the Worker. */
  bridgeRequestsMax: 256,
  /** Time to open a bridge's WebSocket: a network that drops packets would block it for minutes. */
  handshakeMs: 10_000,
  /** Interval of the bridge's heartbeats, which the Durable Object answers without waking up. */
  heartbeatMs: 20_000,
  /** Reconnection of the bridge: the first delay and the longest. */
  reconnectMs: 250,
  reconnectMsMax: 10_000,

  /**
   * Interval at which something is written to an open response. A runtime notices that a client has gone only when it writes, so
   * a run may continue that long after its client has disconnected.
   */
  keepAliveMs: 1_000,
  /** One response of a remote server, or one event of its stream: as much as the tunnel carries for a stdio server. */
  remoteAnswerBytesMax: 16 * 1024 * 1024,
  /**
   * Events of a response stream that are awaited before it is passed on as a stream, and the length of an event that is parsed to
   * see what it is.
   */
  eventsReadAhead: 3,
  answerReadTwiceCharsMax: 64 * 1024,
  /** The part read of the body of an HTTP error: the reason, but not a whole page. */
  refusalBytesMax: 64 * 1024,
  /** Resuming an interrupted response stream: consecutive attempts, the first delay and the longest. */
  streamRetriesMax: 5,
  streamRetryMs: 250,
  streamRetryMsMax: 4_000,
  /**
   * How often per minute the standalone stream of a remote server, for messages that belong to no request, is opened. It is not
   * reopened if it closes at once.
   */
  standingStreamsPerMinute: 10,
  /** Redirects followed for one request to a remote server or an authorization server. */
  redirectsMax: 3,

  /** Time for a started login to return from its authorization server, and for one response of that. */
  loginAttemptMs: 15 * 60_000,
  loginRequestMs: 10_000,
  /** Length of the secret that encrypts tokens: a shorter one could be guessed from a login link. */
  oauthKeyCharsMin: 32,
  /** Body of one HTTP request to /mcp. */
  requestBytesMax: 4 * 1024 * 1024,
  /** Remembered of clients of MCP 2025-11-25: cancellations whose request has not arrived, and MCP sessions that they ended. */
  earlyCancellationsMax: 100,
  endedMcpSessionsMax: 200,
  /** Interval of progress notifications without news: clients that restart their timeout on progress wait 60 s, some 30. */
  progressHeartbeatMs: 15_000,

  /** Nesting of the arguments of a program and of a call: what passes them on is recursive too. */
  argumentsDepthMax: 200,
  /** Objects, lists, and names and values of fields in the arguments of one call, and in one request to /mcp; and different names. */
  argumentsPartsMax: 250_000,
  argumentNamesMax: 25_000,
  /** Nesting of a server's answer: far deeper than documents are, far less than what exhausts a stack. */
  answerDepthMax: 1_000,
  /** The same in a server's answer, which has four times as many bytes; and different names, which take ten times as long as other parts. */
  answerPartsMax: 1_000_000,
  answerNamesMax: 130_000,
  /**
   * The same in a request or notification of a server, and in an answer of a remote server that no program gets. The SDK's schemas look at
   * each part, which takes seconds for hundreds of thousands; a question has fifty fields at most, and only the first words of a log message
   * are shown.
   */
  questionPartsMax: 20_000,
  /** Nesting of one request to /mcp: `argumentsDepthMax` and what is around them. */
  requestDepthMax: 256,
  /** JSON of the arguments of a run's calls in flight, all together. The isolate, its process and the session each hold it. */
  argumentCharsInFlightMax: 32 * 1024 * 1024,
  /** Calls of one run to tools that do not exist, for which the closest names are searched: among thousands that takes milliseconds. */
  suggestionsPerRunMax: 50,

  /** Time for the start of a stdio server that its command installs first (npx, uvx, docker). */
  installedStartMs: 180_000,
  /** Time for a process to exit after SIGTERM, and for a connection to close, before it is ended. */
  stopMs: 2_000,
  /** Length of the owner's token: a slow guesser must not find it. */
  authTokenCharsMin: 32,
} as const;
