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

  /** Wall time of one run when the caller names none: most programs are a handful of calls. */
  runMs: 10_000,
  /** The longest run: beyond it clients give up on their own. */
  runMsMax: 120_000,
  /** How long the session waits past the program's own deadline for the isolate to report before it gives up on it. */
  runGraceMs: 1_000,

  /** Console lines kept when the caller names no number, and the most it may ask for. */
  logLines: 200,
  logLinesMax: 2_000,
  /** One console line: longer ones are cut, so a printed page of HTML cannot fill the answer. */
  logLineCharsMax: 4_000,
  /** All console lines of a run together. */
  logCharsMax: 64_000,

  /** JSON of a result returned inline: about 12,000 tokens, under the 50,000 characters at which Claude Code stops showing it. */
  resultCharsInline: 48_000,
  /** JSON of a result at all: 8 MiB crosses the isolate boundary in well under a second. */
  resultCharsMax: 8 * 1024 * 1024,
  /** How long a large result stays readable through its handle. */
  resultKeptMs: 60 * 60_000,
  /** Stored results of one session; the oldest go first. */
  resultsKeptMax: 16,

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
  /** Calls remembered of one run. A program that retries a refused call in a loop makes millions. */
  callsKeptMax: 20_000,
  /** Calls shown in an answer; those that went wrong come first. */
  callsShownMax: 300,
  /** Progress notices one run may send a minute, as many at once: a client shows no more, and each is a message to it. */
  progressPerMinute: 600,

  /** A session value set by a program, as JSON; it is one row of the session's storage. */
  sessionValueCharsMax: 256 * 1024,
  /** Session values of one session. */
  sessionValuesMax: 256,

  /** Tool metadata older than this is fetched again before it is used; until that answers the old one serves. */
  catalogueTtlMs: 5 * 60_000,
  /** Listing a server's tools, connecting included: a package start on a cold disk takes seconds. */
  catalogueFetchMs: 20_000,
  /** After a failed fetch the next automatic one waits this long, so that a dead server does not slow every request. */
  catalogueRetryMs: 15_000,
  /** Servers whose tools are fetched in the background at once. */
  discoveryConcurrency: 4,
  /** Tools taken from one server. */
  toolsPerServerMax: 5_000,
  /** Pages of one listing: a server whose cursor never ends is cut off. */
  toolPagesMax: 200,

  /** Servers in one answer of list_mcp_capabilities. */
  listServersMax: 100,
  listServers: 20,
  /** Tools shown under each server that a query found. */
  listToolsPerServer: 3,
  /** Tool lines in one describe answer, and characters of declaration. */
  describeToolsMax: 60,
  /** Names of tools that did not fit into a describe answer. */
  describeOmittedMax: 500,
  describeSchemaCharsMax: 24_000,
  /** One line of a stranger's description. */
  descriptionLineCharsMax: 160,
  /** A stranger's whole description inside a JSDoc block. */
  descriptionCharsMax: 1_200,

  /** One frame of the tunnel, as UTF-8; the runtime cuts a WebSocket off at 32 MiB a message. */
  frameBytesMax: 32 * 1024 * 1024,
  /**
   * One message of a stdio server, in characters. Twice what a frame carries: a result that is merely too large is refused
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
  /** A stdio server has this long to end after TERM before it is killed. */
  stopMs: 2_000,

  /**
   * Something is written on an open answer this often. A runtime notices a client that has gone away when it writes, so this is
   * how long its run goes on.
   */
  keepAliveMs: 1_000,
  /** Body of one HTTP request to /mcp. */
  requestBytesMax: 4 * 1024 * 1024,
} as const;
