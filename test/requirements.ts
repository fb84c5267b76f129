/** One promise of the product and the tests that hold it to it. */
export interface Requirement {
  id: string;
  promise: string;
  /** `file › title`, below test/. requirements.test.ts fails when one of them does not exist. */
  tests: readonly string[];
}

/** Every promise made so far. One without a test is no promise. */
export const requirements: readonly Requirement[] = [
  {
    id: "surface.three-tools",
    promise: "The model sees list_mcp_capabilities, describe_mcp and execute_mcp_code, and nothing else.",
    tests: ["e2e/main-job.test.ts › lists three tools that Claude Code loads at once", "unit/core/tools.test.ts › are these"],
  },
  {
    id: "surface.tokens",
    promise: "The three definitions together cost less than 600 tokens of o200k_base, the instructions at most 200.",
    tests: [
      "unit/core/tools.test.ts › cost less than 600 tokens together",
      "unit/core/tools.test.ts › take at most 200 tokens with %s",
    ],
  },
  {
    id: "surface.constant",
    promise: "tools/list is byte-identical whatever the registry holds.",
    tests: ["e2e/empty-registry.test.ts › tools/list of %s is the same to the byte with 0, 16 and 1,000 entries"],
  },
  {
    id: "surface.protocols",
    promise: "Both protocol generations are served from one endpoint.",
    tests: [
      "e2e/main-job.test.ts › speaks the newest protocol version the client knows and says the workflow",
      "e2e/conformance.test.ts › $protocol: $scenario",
    ],
  },
  {
    id: "surface.long-runs",
    promise: "A run of more than a minute is answered.",
    tests: ["e2e/main-job.test.ts › answers as a stream at once, and so survives a program that runs for more than a minute"],
  },
  {
    id: "list.never-connects",
    promise: "list_mcp_capabilities never connects to a server.",
    tests: ["unit/core/listing.test.ts › listing never asks a server anything"],
  },
  {
    id: "list.status",
    promise: "Each server is shown with its status, and with the reason when it cannot be used.",
    tests: [
      "unit/core/listing.test.ts › is unavailable with the reason after a listing failed, and ready after one succeeded",
      "unit/core/listing.test.ts › is ready with tools cached, unless the bridge is gone",
      "e2e/remote.test.ts › are discovered without being asked for, and shown with their state and the reason for it",
    ],
  },
  {
    id: "list.filters",
    promise: "Servers are filtered by visibility, domain and tag; opt_in and experimental ones only when asked for.",
    tests: ["unit/core/listing.test.ts › %j gives %j", "e2e/main-job.test.ts › shows opt_in servers only when asked for them"],
  },
  {
    id: "list.query",
    promise: "A query ranks servers and shows the tools that fit; one that fits nothing gives the nearest, marked weak.",
    tests: [
      "unit/core/search.test.ts › answers %j with %s first",
      "unit/core/listing.test.ts › shows the matching tools once they are known, each in one bounded line",
      "unit/core/listing.test.ts › that fits nothing gives weak answers and says so",
    ],
  },
  {
    id: "list.empty",
    promise: "An empty registry answers no servers and names the file to edit.",
    tests: [
      "e2e/empty-registry.test.ts › answers list_mcp_capabilities with no servers and the file to edit",
      "unit/core/listing.test.ts › without servers names the file",
    ],
  },
  {
    id: "describe.summary",
    promise: "summary is the registry's word and needs no connection.",
    tests: ["unit/core/describe.test.ts › summary is the registry's word and never connects"],
  },
  {
    id: "describe.tools",
    promise: "tools is one line of TypeScript and one of description for each tool.",
    tests: [
      "unit/core/describe.test.ts › tools is the default: wire name, signature and one line each",
      "e2e/main-job.test.ts › one line of TypeScript for each tool at the level tools",
    ],
  },
  {
    id: "describe.schema",
    promise:
      "schema is the declaration the program is checked against, standing on its own; what does not fit is named, never cut.",
    tests: [
      "unit/core/describe.test.ts › schema is a declaration that compiles on its own, of the selected tools only",
      "unit/core/describe.test.ts › of a declaration leave out whole tools, named, and the rest compiles",
    ],
  },
  {
    id: "describe.unknown",
    promise: "An unknown id or tool is answered with the closest ones.",
    tests: [
      "unit/core/describe.test.ts › of an unknown id names the closest",
      "unit/core/describe.test.ts › of a tool that is not there names it and the closest",
    ],
  },
  {
    id: "execute.input",
    promise: "Exactly one of code or files with an entrypoint; anything else is invalid_input, and the next request works.",
    tests: [
      "unit/core/program-refusals.test.ts › %s",
      "unit/core/execute.test.ts › answers the next request after a bad one",
      "e2e/main-job.test.ts › %s: %s",
    ],
  },
  {
    id: "execute.entry-forms",
    promise: "A default export, a main, a top-level return and a bare async function all run, with the user's own line numbers.",
    tests: [
      "unit/core/entry-forms.test.ts › may be %s",
      "unit/core/program-refusals.test.ts › moves no line of the user's",
      "workerd/isolate.test.ts › clocks, timers and randomness work at the top level, in every file",
    ],
  },
  {
    id: "execute.main-once",
    promise: "A program that calls its own main runs it once.",
    tests: ["unit/core/entry-forms.test.ts › that calls main %s runs it once, and main's result is the program's"],
  },
  {
    id: "execute.files",
    promise: "Several files import one another, JSON included.",
    tests: [
      "workerd/isolate.test.ts › files import one another, JSON included, and exports stay live",
      "e2e/main-job.test.ts › several files with an entrypoint",
    ],
  },
  {
    id: "clients.forms",
    promise: "mcp-clients, mcp-clients/<id> and mcp-clients/<id>/<tool> give the same client; an allowed id needs no import.",
    tests: [
      "workerd/bridge.test.ts › gives programs a client in every form of import, which they can list and cannot change",
      "unit/core/entry-forms.test.ts › can be used %s",
      "unit/core/entry-forms.test.ts › are there %s",
    ],
  },
  {
    id: "clients.only-imported",
    promise: "Only the clients in the program's import graph are generated, and only their servers asked.",
    tests: ["unit/core/program-refusals.test.ts › holds the clients it imports and no others"],
  },
  {
    id: "clients.names",
    promise: "Every tool has a stable, legal name, and $call reaches it by its wire name.",
    tests: [
      "unit/codegen/identifiers.test.ts › a name that is its own identifier keeps it, the others get a suffix of their own",
      "unit/codegen/identifiers.test.ts › a suffix does not depend on the other tools or their order",
      "unit/core/entry-forms.test.ts › has its raw results and the names of its tools",
    ],
  },
  {
    id: "clients.values",
    promise: "A call resolves to structured content, else the JSON in one text, else the text; blobs as typed objects.",
    tests: [
      "unit/core/result.test.ts › is its structured content, whatever the text says",
      "unit/core/result.test.ts › of one text %j is %j",
      "e2e/main-job.test.ts › text, structured content, images and whole results, each in its form",
    ],
  },
  {
    id: "clients.errors",
    promise: "isError throws McpToolError with server, tool, code, message and content.",
    tests: [
      "e2e/main-job.test.ts › a tool's own error to the program, which can catch it",
      "unit/core/execute.test.ts › can be caught and read",
    ],
  },
  {
    id: "clients.types",
    promise: "Generated types compile under strict, whatever a server calls a schema.",
    tests: ["unit/codegen/published-servers.test.ts › declares every tool of $id so that it compiles under strict"],
  },
  {
    id: "typecheck.blocks",
    promise: "Unknown tools, unknown, missing and wrong arguments and misspelt result fields are told before anything is called.",
    tests: [
      "unit/sandbox/type-check.test.ts › %s",
      "workerd/bridge.test.ts › hears nothing of a program that the compiler refuses",
    ],
  },
  {
    id: "typecheck.sloppy",
    promise: "Sloppy code that runs passes, and JavaScript is checked too.",
    tests: ["unit/sandbox/type-check.test.ts › %s", "unit/sandbox/type-check.test.ts › in JavaScript too"],
  },
  {
    id: "runtime.module",
    promise: "runtime gives args, session, results, progress and help.",
    tests: [
      "unit/sandbox/type-check.test.ts › the module runtime in all its parts",
      "workerd/session.test.ts › progress reaches whoever started the run",
      "workerd/session.test.ts › session values last from one run to the next, and through the object's eviction",
    ],
  },
  {
    id: "results.handle",
    promise: "A large result comes as a preview of the same shape, and its handle reads the whole in a later run.",
    tests: ["workerd/session.test.ts › a large result comes back as a preview, and a later run reads the whole by its handle"],
  },
  {
    id: "allow.default",
    promise: "Without allowedMcpIds a run may use every default server that is not of high sensitivity, and no other.",
    tests: [
      "unit/core/registry.test.ts › when %s and of %s sensitivity: %s",
      "unit/core/program-refusals.test.ts › when it is not allowed, with what would allow it: %s",
      "e2e/main-job.test.ts › a server that %s",
    ],
  },
  {
    id: "allow.at-call",
    promise: "The allow list holds again at each call.",
    tests: ["unit/core/gate.test.ts › of server %s is %s"],
  },
  {
    id: "sandbox.no-network",
    promise: "A program reaches no network, file system, environment, host module or new code.",
    tests: [
      "workerd/isolate.test.ts › reach %s",
      "workerd/isolate.test.ts › import %s",
      "workerd/isolate.test.ts › find anything of the host in its globals",
    ],
  },
  {
    id: "sandbox.fresh",
    promise: "Nothing of one run is left in the next.",
    tests: ["workerd/isolate.test.ts › leave state behind for the next run of its session"],
  },
  {
    id: "limits.time",
    promise: "A run ends at maxRuntimeMs with run_timeout, one that never answers shortly after.",
    tests: [
      "workerd/isolate.test.ts › run past its time",
      "unit/core/execute.test.ts › whose sandbox never answers is given up on after a grace, not before",
    ],
  },
  {
    id: "limits.logs",
    promise: "Console lines stand apart from the result and are bounded.",
    tests: ["workerd/isolate.test.ts › console lines come apart from the result, cut where there are too many"],
  },
  {
    id: "limits.calls",
    promise: "Calls are bounded per run, per minute and at once, by server.",
    tests: [
      "unit/core/gate.test.ts › callsPerRun lets so many through and not one more; another run starts anew",
      "unit/core/gate.test.ts › callsPerMinute holds across runs and lets go with time",
      "unit/core/gate.test.ts › concurrency lets so many run at once; the rest wait their turn",
    ],
  },
  {
    id: "ledger.outcomes",
    promise: "Every call is reported as succeeded, failed, not_started or unknown, also when the program threw.",
    tests: [
      "unit/core/gate.test.ts › is by the upstream's word: %s means %s",
      "unit/core/execute.test.ts › are listed although the program threw",
      "workerd/bridge.test.ts › that closes during a call leaves its outcome unknown, never retried",
    ],
  },
  {
    id: "cancel.client",
    promise: "A client that goes away ends its program and the calls in flight.",
    tests: ["e2e/main-job.test.ts › cancels the program and its calls when the client goes away"],
  },
  {
    id: "registry.problems",
    promise: "A wrong registry gives every problem at once with its place, and the rest works.",
    tests: [
      "unit/core/registry.test.ts › reports every problem at once and loads what is right",
      "unit/core/registry.test.ts › with a trailing comma loads whole and says where the comma is",
      "e2e/empty-registry.test.ts › starts and prints where the comma is",
    ],
  },
  {
    id: "registry.schema",
    promise: "The JSON Schema for editors is the schema the file is checked against.",
    tests: [
      "unit/registry-schema.test.ts › the JSON Schema that editors read is the one the registry is checked against (npm run schema writes it)",
    ],
  },
  {
    id: "registry.references",
    promise:
      "${env:NAME} and ${env:NAME:-default} are resolved when connecting; a literal that looks like a secret is a warning.",
    tests: [
      "unit/core/interpolation.test.ts › %j becomes %j with nothing missing",
      "unit/bridge/stdio-servers.test.ts › names the variables that are not set",
      "unit/core/registry.test.ts › is a warning, and the entry works",
    ],
  },
  {
    id: "registry.discovery",
    promise: "The tools of default servers are listed in the background once the servers can be reached.",
    tests: [
      "unit/core/execute.test.ts › discovers default servers that can be reached, and no others",
      "unit/core/catalog.test.ts › asks a few at a time",
    ],
  },
  {
    id: "session.separate",
    promise: "Sessions of different names share nothing.",
    tests: [
      "workerd/session.test.ts › two sessions do not see each other's values",
      "e2e/main-job.test.ts › keeps sessions apart",
    ],
  },
  {
    id: "session.bridge-hibernates",
    promise: "The bridge's socket outlives the object's eviction.",
    tests: ["workerd/bridge.test.ts › outlives the object's eviction"],
  },
  {
    id: "upstream.remote",
    promise: "Remote servers are called over Streamable HTTP and SSE, and reached again after they were gone.",
    tests: [
      "e2e/remote.test.ts › are called from one program over Streamable HTTP and SSE",
      "e2e/remote.test.ts › that end and come back are reached again",
    ],
  },
  {
    id: "bridge.own-registry",
    promise: "The bridge starts only what its own registry file declares; the Worker never sends a command.",
    tests: [
      "workerd/bridge.test.ts › is asked for servers it declares and for no others, and is never sent a command",
      "unit/bridge/tunnel-client.test.ts › starts nothing for an id that its registry does not declare",
    ],
  },
  {
    id: "bridge.lazy",
    promise: "Stdio servers start when they are used, one process each.",
    tests: [
      "unit/bridge/stdio-servers.test.ts › starts nothing until it is used",
      "unit/bridge/stdio-servers.test.ts › starts one process for calls that come at once",
    ],
  },
  {
    id: "bridge.dead-server",
    promise: "A server that dies is named with its last words, and the next call starts it again.",
    tests: [
      "unit/bridge/stdio-servers.test.ts › names the exit code and the last words of a server that dies during a call, and starts it again on the next",
      "e2e/start.test.ts › calls a server again whose process was killed",
    ],
  },
  {
    id: "bridge.missing-command",
    promise: "A missing command is named with the next step, and the other servers work.",
    tests: [
      "unit/bridge/stdio-servers.test.ts › names a command that does not exist, and what to do",
      "e2e/main-job.test.ts › a server whose program is missing, and goes on with the others",
    ],
  },
  {
    id: "bridge.no-orphans",
    promise: "However the bridge ends, kill -9 included, no process of its servers is left.",
    tests: [
      "unit/bridge/cli.test.ts › leaves no process at %s",
      "unit/bridge/stdio-servers.test.ts › ends a server that ignores TERM, and its child with it",
    ],
  },
  {
    id: "bridge.environment",
    promise: "A server sees a minimal environment and what its entry declares.",
    tests: ["unit/bridge/launch.test.ts › keeps the bridge's own variables from the child"],
  },
  {
    id: "bridge.commands",
    promise: "mcp-bridge start, check, list and call, with --help and exit codes.",
    tests: [
      "unit/bridge/cli.test.ts › prints a row for each server and fails when one does",
      "unit/bridge/cli.test.ts › prints the unwrapped value of a real server",
      "unit/bridge/cli.test.ts › of %j is a mistake: usage and code 2",
      "unit/bridge/cli.test.ts › serves until %s, then ends with 0 and leaves no process",
    ],
  },
  {
    id: "access.closed",
    promise: "Beyond this machine /mcp and /bridge refuse everyone until their tokens are set, and say what to set.",
    tests: [
      "workerd/access.test.ts › /mcp refuses %s and says what to set",
      "workerd/access.test.ts › /bridge refuses everyone, loopback included",
    ],
  },
  {
    id: "access.tokens",
    promise: "AUTH_TOKEN opens /mcp, BRIDGE_TOKEN opens /bridge, and neither the other.",
    tests: [
      "workerd/access.test.ts › /%s opens to its own token and to no other",
      "e2e/access.test.ts › serves a caller with the token, under any host name",
    ],
  },
  {
    id: "access.browsers",
    promise: "Host and Origin are checked: a web page elsewhere cannot use the orchestrator of this machine.",
    tests: ["e2e/access.test.ts › refuses /mcp under the host name %s", "e2e/access.test.ts › refuses web pages of %s"],
  },
  {
    id: "endpoints.health",
    promise: "/livez, /readyz and /metrics answer.",
    tests: ["e2e/access.test.ts › answers livez, readyz and metrics"],
  },
  {
    id: "start.ready",
    promise: "npm start shows progress, then the URL, a table of servers and the claude mcp add line.",
    tests: [
      "e2e/start.test.ts › tells of its progress until it is ready",
      "e2e/start.test.ts › prints a table of the servers with status and number of tools",
      "e2e/start.test.ts › prints the URL and the command that adds it to Claude Code",
    ],
  },
  {
    id: "start.port",
    promise: "PORT moves it; a taken port is a clear error with the way out.",
    tests: [
      "e2e/start.test.ts › names a port that another program holds, and the way out",
      "e2e/start.test.ts › names a PORT that is none",
    ],
  },
  {
    id: "start.stop",
    promise: "Ctrl-C, SIGTERM and kill -9 leave no process behind, and it starts again.",
    tests: [
      "e2e/start.test.ts › leaves no process behind after SIGTERM",
      "e2e/start.test.ts › ends by Ctrl-C without leaving a process, and started again has kept tools and session values",
      "e2e/start.test.ts › leaves nothing behind when %s ends npm alone",
      "e2e/start.test.ts › leaves nothing behind when it is killed itself, and works when started again at once",
    ],
  },
  {
    id: "start.sandbox",
    promise: "A program that spins ends with an error, and the sandbox is replaced.",
    tests: [
      "e2e/start.test.ts › ends a program that spins with an error, replaces the sandbox and runs the next program",
      "e2e/start.test.ts › replaces the sandbox when its process is killed",
    ],
  },
  {
    id: "claude-code",
    promise: "claude mcp add and list show it connected, and the plugin validates strictly.",
    tests: [
      "e2e/claude-code.test.ts › adds the server by the printed command and shows it as connected",
      "e2e/claude-code.test.ts › finds plugin and marketplace valid, strictly",
    ],
  },
  {
    id: "core.anywhere",
    promise: "core runs the whole flow without any platform and imports none.",
    tests: [
      "unit/core/main-job.test.ts › a model finds a server, reads its signature, writes a program and gets one small answer",
      "architecture.test.ts › imports no platform and no SDK, only pure libraries",
    ],
  },
  {
    id: "main-job",
    promise: "Three zones in parallel and a search through a repository come back as one small object from one call.",
    tests: [
      "e2e/main-job.test.ts › three zones in parallel and a search through this repository, as one small object from one call",
      "e2e/main-job.test.ts › a program that joins two servers",
    ],
  },
];
