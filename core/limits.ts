/**
 * Every bound of the product, in one place. The name carries the unit; the comment says what it protects and why
 * that much. Bytes are UTF-8 bytes where a socket is bounded and UTF-16 units where a string in memory is.
 */
export const limits = {
  /** A program is written by a model in one answer; a megabyte is no program but a data dump or an attack. */
  sourceBytesMax: 512 * 1024,
  /** Keeps transpiling and the module map of one run cheap. */
  filesMax: 64,
  /** Path of a user file, shown in errors and used as a module name. */
  filePathCharsMax: 200,

  /** Programs of a session whose type-check is remembered. */
  checkedProgramsMax: 100,
  /** Source that is type-checked; the compiler takes about 6 ms a kilobyte. A larger program runs unchecked. */
  checkedCharsMax: 256 * 1024,
  /** A JSON file whose type the checker works out. */
  checkedJsonCharsMax: 32 * 1024,
  /** Parts of a union and of an intersection that a program declares; one with more is `any` to the checker. */
  checkedAlternativesMax: 100,
  checkedIntersectionMax: 8,
  /** Complaints of the compiler looked at for one program, and problems told: the first mend the rest, often enough. */
  diagnosticsMax: 2_000,
  typeProblemsMax: 8,
  /** Declarations of clients that the checker keeps parsed. */
  declarationsKeptMax: 200,

  /** The compiler has this long for a program; without an answer the program runs unchecked. Most take a few milliseconds. */
  typeCheckMs: 5_000,

  /** Wall time of one run when the caller names none: most programs are a handful of calls. */
  runMs: 10_000,
  /** The longest run: beyond it clients give up on their own. */
  runMsMax: 120_000,
  /** Computing time of one run; waiting for tools and timers does not count. Sorting a hundred thousand records takes a tenth of it. */
  runCpuMs: 5_000,
  /** How long the session waits past the program's own deadline for the isolate to report before it gives up on it. */
  runGraceMs: 1_000,

  /** Memory of a sandbox process, all its programs together: a bare one takes 80, and Cloudflare gives a program 128. */
  sandboxMemoryMiB: 512,
  /** Programs that a sandbox process runs before it is replaced while nothing runs in it: workerd keeps some 70 KB of each. */
  programsPerProcess: 1_000,
  /** Memory of the compiler's process: a bare one takes 300. */
  compilerMemoryMiB: 1_024,
  /** Runs of one session at once; the rest wait. Cloudflare lets an object hold ten dynamic Workers. */
  runsAtOnce: 8,

  /** Console lines kept when the caller names no number, and the most it may ask for. */
  logLines: 200,
  logLinesMax: 2_000,
  /** One console line: longer ones are cut, so a printed page of HTML cannot fill the answer. */
  logLineCharsMax: 4_000,
  /** All console lines of a run together. */
  logCharsMax: 64_000,
  /** Lines printed within this time of the last batch travel together: a loop that prints costs twenty messages a second. */
  logGapMs: 50,

  /** JSON of a result returned inline: about 12,000 tokens, under the 50,000 characters at which Claude Code stops showing it. */
  resultCharsInline: 48_000,
  /** JSON of a result at all: 8 MiB crosses the isolate boundary in well under a second. */
  resultCharsMax: 8 * 1024 * 1024,
  /** Levels of a result: what reads it recurses, and nobody reads deeper. */
  resultDepthMax: 200,
  /** How long a large result stays readable through its handle. */
  resultKeptMs: 60 * 60_000,
  /** Stored results of one session; the oldest go first. */
  resultsKeptMax: 16,
  /** Stored results of one session together, as UTF-8: one of the largest always fits, in any script. */
  resultsKeptBytesMax: 32 * 1024 * 1024,

  /** Message of any error as it leaves the product; some of its words are a stranger's. */
  errorCharsMax: 4_000,
  /** A name that a message repeats: whoever got it wrong may have sent a megabyte. */
  namedCharsMax: 100,
  /** Problems of an input named at once. */
  inputProblemsMax: 10,
  /** Why a server cannot be used, in a list of many. */
  reasonCharsMax: 400,
  /** End of a stack read for the program's own line; frames stand at its end. */
  stackCharsMax: 8_000,

  /** JSON of the arguments of one tool call. */
  callArgumentsCharsMax: 4 * 1024 * 1024,
  /** Calls of one run under way at once, those that wait for their server's turn included. */
  callsInFlightMax: 1_000,
  /** How often a call that may be made again is, and the first wait: together a bridge that dials in anew is waited for. */
  callRetriesMax: 3,
  callRetryMs: 200,
  /** Calls remembered of one run. A program that retries a refused call in a loop makes millions. */
  callsKeptMax: 20_000,
  /** Calls shown in an answer; those that went wrong come first. */
  callsShownMax: 300,
  /** Progress notices one run may send a minute, as many at once: a client shows no more, and each is a message to it. */
  progressPerMinute: 600,
  /** Notices of progress that the calls of a run may cause a minute beside its own, and that a bridge passes on of one call. */
  callProgressPerMinute: 300,
  /** Log lines of servers kept of a run, and the length of one: a chatty server leaves room for what the program prints. */
  serverLogLines: 50,
  serverLogCharsMax: 500,
  /** Log lines a bridge passes on from one server a minute, as many at once. */
  serverLogsPerMinute: 300,

  /**
   * A person has this long to answer what a server asks; until then the run's time and its call's stand still. A run that nobody
   * comes back for ends then.
   */
  answerMs: 10 * 60_000,
  /** Questions of servers that one run may put to a person: clients of the official packages give up after ten rounds. */
  questionsPerRunMax: 20,
  /** How often one request is made again with what its server wanted to know first, and the pause before one that wanted nothing. */
  inputRoundsMax: 10,
  inputPauseMs: 250,
  /** Runs of a session that wait for a person at once; half of those that may run, so that the others have room. */
  suspendedRunsMax: 4,
  /** The words of a question, its form as JSON and its fields; the address that one leads to; and what a person fills in, as JSON. */
  questionCharsMax: 2_000,
  questionFormCharsMax: 16_000,
  questionFieldsMax: 50,
  questionUrlCharsMax: 2_000,
  answerCharsMax: 64_000,

  /** A session value set by a program, as JSON; it is one row of the session's storage. */
  sessionValueCharsMax: 256 * 1024,
  /** Session values of one session, and all of them together, as UTF-8. */
  sessionValuesMax: 256,
  sessionValuesBytesMax: 16 * 1024 * 1024,

  /** Tool metadata older than this is fetched again before it is used. */
  catalogTtlMs: 5 * 60_000,
  /** A use waits this long for old metadata to be fetched again; then the old one serves and the fetch goes on. */
  catalogWaitMs: 2_000,
  /** Listing a server's tools, connecting included: a package start on a cold disk takes seconds. */
  catalogFetchMs: 20_000,
  /** The MCP SDK's own clock of a request, so far away that only ours ever ends a wait: ours begins anew with progress. */
  sdkTimeoutMs: 24 * 60 * 60_000,
  /** After a failed fetch the next automatic one waits this long, so that a dead server does not slow every request. */
  catalogRetryMs: 15_000,
  /** Servers whose tools are fetched in the background at once. */
  discoveryConcurrency: 4,
  /** A server that takes longer leaves its place to the next, or a few that never answer would hold up all others. */
  discoveryTurnMs: 2_000,
  /** Servers that `mcp-bridge check` starts at once: each is a process, and a laptop that starts fifty has none ready in time. */
  checksAtOnce: 16,
  /** Tools taken from one server. */
  toolsPerServerMax: 5_000,
  /** Pages of one listing, of tools or of anything: a server whose cursor never ends is cut off. */
  listPagesMax: 200,
  /** Resources, templates or prompts taken from one server in one answer. */
  featureItemsMax: 5_000,
  /** The address of a resource, and the name of a prompt, that a program asks for. */
  featureNameCharsMax: 8_000,

  /** What results of undeclared type looked like: levels, members of one object before its names count as data, items of one list. */
  observedDepthMax: 6,
  observedMembersMax: 40,
  observedItemsMax: 20,
  /** Types remembered of one tool's results: some ten kilobytes; and tools of one server of which they are. */
  observedNodesMax: 300,
  observedToolsMax: 300,
  /** Results in a row that told nothing new, after which no more are looked at. */
  observedUnchangedMax: 20,

  /** Servers in one answer of list_mcp_capabilities. */
  listServersMax: 100,
  listServers: 20,
  /** Tools shown for a query, the best of all; a server without one of them shows its best: a model pays for each. */
  listTools: 5,
  /** Of the first server's tools, those whose signature is shown at once. */
  listSignatures: 2,
  /** Of a tool's description, and of its parameters' names, what a search reads. */
  searchedCharsMax: 400,
  /** Words that a misspelt one is compared with; of servers that change their tools on and on, no more are learnt. */
  searchVocabularyMax: 100_000,
  /** Tools, and servers, that a search reads in one turn while it gets ready: a few milliseconds. */
  searchTurnDocuments: 200,
  /** Tool lines in one describe answer, as JSON: some 3,000 tokens, sixty tools of the usual length. */
  describeToolsCharsMax: 14_000,
  /** Names of tools that did not fit into a describe answer. */
  describeOmittedMax: 200,
  /** Declarations in one describe answer. */
  describeSchemaCharsMax: 24_000,
  /** One line of a stranger's description. */
  descriptionLineCharsMax: 160,
  /** A stranger's whole description inside a JSDoc block. */
  descriptionCharsMax: 1_200,

  /** One frame of the tunnel, as UTF-8: a call's arguments or its result. Both ends hold it several times over while they read it. */
  frameBytesMax: 16 * 1024 * 1024,
  /** Longer frames go in pieces of this many characters: heartbeats and other calls get in between. */
  partCharsMax: 256 * 1024,
  /** One WebSocket message of the tunnel: a piece whose characters take three bytes each, or are all escaped, fits. */
  messageBytesMax: 1024 * 1024,
  /** What calls that have no answer yet have sent over the tunnel: the Worker cannot see what is still on its way. */
  requestCharsInFlightMax: 16 * 1024 * 1024,
  /** What the bridge hands to the network before it waits for that to be taken: what comes next may be more urgent. */
  socketBufferedBytesMax: 512 * 1024,
  /** Answers that wait on the bridge for a slow network; beyond it no request is taken. Some of the largest fit. */
  answerCharsQueuedMax: 64 * 1024 * 1024,
  /** Notices of progress that wait so; beyond it they are dropped, because the next one says more. */
  noticesQueuedMax: 100,
  /** Bridges that serve one session at once: machines of one user. */
  bridgesMax: 16,
  /** Bridges a session remembers, those that are away included, and for how long after it saw them last. */
  bridgesKnownMax: 32,
  bridgeKnownMs: 30 * 24 * 60 * 60_000,
  /**
   * One message of a stdio server, in characters. Four times what a frame carries: a result that is merely too large is refused
   * as that and the server lives on; only what no honest server sends ends it.
   */
  stdioMessageCharsMax: 64 * 1024 * 1024,
  /** Requests a bridge serves at once; the gate's own bounds are far lower, so more is a fault on the Worker's side. */
  bridgeRequestsMax: 256,
  /** Opening a bridge's WebSocket; a network that swallows packets would hold it for minutes. */
  handshakeMs: 10_000,
  /** The bridge proves that it lives this often; the object answers without waking. */
  heartbeatMs: 20_000,
  /** Reconnecting the bridge: first wait and the longest. */
  reconnectMs: 250,
  reconnectMsMax: 10_000,

  /** Last lines of a stdio server's stderr kept for errors, and the length of one. */
  stderrLines: 20,
  stderrLineCharsMax: 500,
  /** A stdio server without a call for this long is stopped; its next call starts it again. */
  serverIdleMs: 15 * 60_000,
  /** The wait before a server that failed twice in a row is started again; doubled with each failure. */
  restartMs: 500,
  /** So many failures in a row, and a server is left alone: for how long at first, and at most. */
  serverFailuresMax: 4,
  leftAloneMs: 30_000,
  leftAloneMsMax: 5 * 60_000,
  /** A server whose entry changed or went has this long to finish its calls. */
  drainMs: 10_000,
  /** A stdio server has this long to end by itself once its input has, before it is sent TERM. */
  inputEndMs: 300,
  /** A stdio server has this long to end after TERM before it is killed. */
  stopMs: 2_000,

  /**
   * Something is written on an open answer this often. A runtime notices a client that has gone away when it writes, so this is
   * how long its run goes on.
   */
  keepAliveMs: 1_000,
  /** One answer of a remote server, or one event of its stream: what the tunnel carries of a stdio server's. */
  remoteAnswerBytesMax: 16 * 1024 * 1024,
  /** Events of an answer's stream that are waited for before it is passed on as a stream; and the length of one that is parsed to see what it is. */
  eventsReadAhead: 3,
  answerReadTwiceCharsMax: 64 * 1024,
  /** The body of an HTTP error: a reason, and not the page around it. */
  refusalBytesMax: 64 * 1024,
  /** Taking up again the stream of an answer that broke off: how often in a row, the first wait and the longest. */
  streamRetriesMax: 5,
  streamRetryMs: 250,
  streamRetryMsMax: 4_000,
  /** The stream on which a remote server says what belongs to no call is opened so often; one that ends at once is not run after. */
  standingStreamsPerMinute: 10,
  /** Redirects followed of one request to a remote server or a login. */
  redirectsMax: 3,

  /** An address at which to log in is good for this long: someone has to see it, and find the time. */
  loginLinkMs: 60 * 60_000,
  /** A login that was begun has this long to come back from its authorization server, and so many of one session at once. */
  loginAttemptMs: 15 * 60_000,
  loginAttemptsMax: 16,
  /** What comes back to us in an address; ours are a tenth of it. */
  loginTextCharsMax: 4_000,
  /** One answer of an authorization server: its time and its size. Metadata takes a few kilobytes. */
  loginRequestMs: 10_000,
  loginAnswerBytesMax: 256 * 1024,
  /** A token is renewed this long before it expires, or a tenth of its life if that is less. */
  tokenMarginMs: 30_000,
  /** A stranger's words inside of a sentence of ours. */
  strangerSentenceCharsMax: 300,
  /** The secret that encrypts tokens: less could be guessed from a login link. */
  oauthKeyCharsMin: 32,
  /** Body of one HTTP request to /mcp. */
  requestBytesMax: 4 * 1024 * 1024,
  /** A request to /mcp that is looked into for whether it is an `initialize`, which is short. */
  initializeBytesMax: 16_384,
} as const;
