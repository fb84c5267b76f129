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
    id: "surface.instructions",
    promise:
      "The instructions name the default servers of the session as they are when a client opens; no other request asks for them.",
    tests: [
      "workerd/instructions.test.ts › in the response to %s name the present servers of the session",
      "workerd/instructions.test.ts › are read for handshake requests only",
    ],
  },
  {
    id: "surface.constant",
    promise: "tools/list is byte-identical whatever the registry holds.",
    tests: ["e2e/empty-registry.test.ts › tools/list of %s is byte-identical with 0, 16 and 1,000 entries"],
  },
  {
    id: "surface.protocols",
    promise: "Both protocol generations are served from one endpoint.",
    tests: [
      "e2e/main-job.test.ts › speaks the newest protocol version of the client, and explains the workflow in its instructions",
      "e2e/conformance.test.ts › $protocol: $scenario",
    ],
  },
  {
    id: "surface.long-runs",
    promise: "A run of more than a minute is answered.",
    tests: ["e2e/main-job.test.ts › streams the response, and so survives a program that runs for more than a minute"],
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
    tests: ["unit/core/listing.test.ts › %j gives %j", "e2e/main-job.test.ts › shows opt_in servers only on request"],
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
    id: "list.search",
    promise:
      "Search reads names split into words, stems, synonyms and misspellings over the registry and all cached tools; its index is built once per change.",
    tests: [
      "unit/core/search.test.ts › finds by %s: %j",
      "unit/core/search.test.ts › leaves out servers and tools that are far from the best",
      "unit/core/search.test.ts › decides between equally good matches",
      "unit/core/search.test.ts › finds what is to be done when %s: %j",
      "unit/core/search.test.ts › a server that is called by its name comes before one that has the same tool",
      "unit/core/search.test.ts › shows the five best tools of all, and of each further server its best",
      "unit/core/current-search.test.ts › the index is built when first asked for, and again only after a change of the catalogue",
      "unit/core/current-search.test.ts › a change of one server is found, what it had before is not, and the others stay as they were",
      "unit/core/current-search.test.ts › many tools are read in short turns before the first search, which finds the same",
    ],
  },
  {
    id: "list.recall",
    promise:
      "Over captured published servers, the right one comes first for four queries in five and is among five for nineteen in twenty.",
    tests: [
      "unit/core/search-recall.test.ts › finds the right server first for 80 % of the queries, and among five for 95 %",
      "unit/core/search-recall.test.ts › finds the right tool first, and among the first five that the model reads, as often as it did",
    ],
  },
  {
    id: "describe.large",
    promise: "A server of a thousand tools is described in a bounded answer, and a query finds any of them.",
    tests: [
      "unit/core/describe.test.ts › keep a server of a thousand tools under 6,000 tokens, and a query finds any of them",
      "unit/core/describe.test.ts › of the lines of tools: what fits is shown, the rest is named, and together they are all",
    ],
  },
  {
    id: "catalogue.kept",
    promise:
      "A listing is made once for all who wait, serves for its time, and is there for the next conversation until its entry is gone or moved; no key of the store tells how a server is reached.",
    tests: [
      "unit/core/catalog.test.ts › by many at once asks once",
      "unit/core/catalog.test.ts › asks once and answers from the cache until it is too old",
      "unit/core/catalog.test.ts › is there for the next catalogue without asking",
      "unit/core/server-key.test.ts › stands under a key without a word of how it is reached",
      "unit/core/server-key.test.ts › goes with its entry, or when that points elsewhere, and nothing else goes",
      "unit/core/server-key.test.ts › by a session is gone for the next one whose registry has it no more, and names no secret",
    ],
  },
  {
    id: "catalogue.changes",
    promise: "A server that says that its tools changed is listed anew before they are used, all pages.",
    tests: [
      "unit/bridge/stdio-servers.test.ts › a server whose tools change says so once for all changes in quick succession, and lists every page anew",
      "workerd/bridge.test.ts › brings word of changed tools, which are listed anew before they are used",
      "unit/remote-changes.test.ts › a remote server that says that its tools changed is heard, and lists the new ones",
      "unit/core/catalog.test.ts › that the server said has changed is not used while the new one is on its way",
    ],
  },
  {
    id: "catalogue.tool-changed",
    promise: "A call that was checked against one tool is not sent to another of that name.",
    tests: ["unit/core/changed-tools.test.ts › is not called with what was checked against the old one"],
  },
  {
    id: "catalogue.stale",
    promise:
      "An old list serves when listing fails or takes long, and the reason is shown; a server that never answers delays no other.",
    tests: [
      "unit/core/catalog.test.ts › serves when listing fails, and is not tried again for a while",
      "unit/core/catalog.test.ts › serves after a short wait when listing takes long, which goes on",
      "unit/core/catalog.test.ts › goes on past any number of servers that never answer",
      "unit/bridge/stdio-servers.test.ts › a server that never answers holds up no other",
      "unit/core/describe.test.ts › of a server that cannot be listed any more says why, with what is known of it",
    ],
  },
  {
    id: "runtime.help",
    promise: "A program can find servers and tools, read their declarations and call them in one run, within its allow list.",
    tests: ["unit/core/execute.test.ts › describes the allowed servers and the tools of one, and makes no calls of its own"],
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
    id: "execute.positions",
    promise: "Every error has the user's own file, line, column and frame, in every form of the entrypoint.",
    tests: [
      "unit/core/positions.test.ts › an error that is thrown",
      "unit/core/positions.test.ts › an error that the engine throws",
      "unit/core/positions.test.ts › an error of a tool",
      "unit/core/positions.test.ts › a syntax error",
      "unit/core/positions.test.ts › in the file %s",
      "unit/core/positions.test.ts › every name of our own source is led back to where it stands",
      "unit/core/positions.test.ts › a printed stack has the user's places",
      "workerd/guard.test.ts › has exact stack positions at a call of an import and inside an expression",
    ],
  },
  {
    id: "execute.typescript",
    promise:
      "TypeScript runs whole: enums, namespaces, decorators, using. JSX and CommonJS are refused by name, with their place.",
    tests: [
      "unit/core/typescript.test.ts › runs: %s",
      "unit/core/typescript.test.ts › has its exact places after it was lowered",
      "unit/core/typescript.test.ts › may be imported: %s",
      "unit/core/typescript.test.ts › may be %s",
      "unit/core/typescript.test.ts › %s",
      "workerd/guard.test.ts › runs: %s",
    ],
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
      "unit/codegen/identifiers.test.ts › are legal, each another, and no tool that is added takes one over",
      "unit/codegen/identifiers.test.ts › stay, where they are kept, whatever is added or goes, but for a tool that is called exactly that",
      "unit/core/catalog.test.ts › has the names that tools were given, so that one which is added later takes none of them",
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
    tests: [
      "unit/codegen/published-servers.test.ts › declares every tool of $id so that it compiles under strict",
      "unit/codegen/published-servers.test.ts › declare every tool so that all compile under strict",
      "unit/codegen/properties.test.ts › clients of random schemas compile under strict, and no typed part of them is any",
    ],
  },
  {
    id: "clients.types-agree",
    promise: "Arguments that a schema accepts type-check, and at least 95 % of those that it refuses do not.",
    tests: [
      "unit/codegen/properties.test.ts › arguments that a validator accepts type-check",
      "unit/codegen/properties.test.ts › of arguments that it refuses, for reasons that TypeScript can express, at least 95 % do not",
    ],
  },
  {
    id: "clients.types-shared",
    promise: "A type that several tools of a server have is declared once.",
    tests: [
      "unit/codegen/sharing.test.ts › of several tools are declared once, under the name of the member that has them",
      "unit/codegen/published-servers.test.ts › declare a block that a server repeats in its tools once",
    ],
  },
  {
    id: "clients.types-observed",
    promise:
      "Results that no server declares are described as observed in the session, as types without values; they never block a program.",
    tests: [
      "unit/core/observed-results.test.ts › are described after a program saw them, as types, and marked as observed",
      "unit/core/observed-results.test.ts › block nothing: what was never seen may be read, passed on and called",
      "unit/core/observed.test.ts › names that are data are not kept",
    ],
  },
  {
    id: "clients.texts-of-strangers",
    promise: "No name or text of a server leaves the comment or the string in which it stands, and each is bounded.",
    tests: [
      "unit/codegen/jsdoc.test.ts › %j stays inside",
      "unit/codegen/module.test.ts › of hostile names and texts compiles, and leaves nobody out",
      "unit/codegen/module.test.ts › of texts without end stays short, and unchecked where it cannot be exact",
    ],
  },
  {
    id: "upstream.news",
    promise:
      "What a server logs and how far its calls are reach the client while the program runs, in both protocol generations, marked with the server and bounded.",
    tests: [
      "e2e/live.test.ts › log messages and progress of a server arrive during its call, and the answer has the line",
      "e2e/live.test.ts › concurrent calls on the published server-everything each report their progress",
      "workerd/bridge-news.test.ts › is heard once by a run with calls under way on it, while they are",
      "unit/bridge/server-news.test.ts › reaches the calls under way on it, as console lines from info up, before their answer",
      "unit/bridge/tunnel-news.test.ts › all requests to a server hear its log with one ear, within the server's rate",
      "unit/remote-news.test.ts › is asked for its log from info up with each call, and heard",
      "unit/core/run-log.test.ts › keeps only so many lines of servers, cut short, and counts the others: the program has room",
      "unit/core/run-log.test.ts › never takes a program's line for a server's",
      "unit/mcp/live.test.ts › of a call is sent as a message, and does not change the program's numbers",
    ],
  },
  {
    id: "upstream.features",
    promise: "Every client has $resources and $prompts, typed, checked and bounded like tools.",
    tests: [
      "unit/core/gate.test.ts › is put to the server, and is in the ledger by the member that asked",
      "unit/core/gate.test.ts › with arguments that cannot be right is not sent, at the bound and over it",
      "unit/core/gate.test.ts › goes to no server outside of the run, and counts like a call",
      "unit/core/gate.test.ts › follows the lists of the server's entry, by member or by kind",
      "unit/codegen/module.test.ts › with resources and prompts compiles, and has types for them",
      "unit/bridge/server-news.test.ts › of the published server-everything are all there",
      "unit/remote-news.test.ts › gives its resources, templates and prompts",
      "workerd/bridge-news.test.ts › is asked through the bridge, and its answer read again",
    ],
  },
  {
    id: "upstream.odd-servers",
    promise: "A tool or a result that strict readers refuse costs itself and not its server, over either transport and protocol.",
    tests: [
      "unit/odd-servers.test.ts › keeps every tool that has a name, the first of each, with whatever of its schema is one",
      "unit/odd-servers.test.ts › gives what %s answers",
    ],
  },
  {
    id: "typecheck.blocks",
    promise: "Unknown tools, unknown, missing and wrong arguments and misspelt result fields are told before anything is called.",
    tests: [
      "unit/sandbox/type-check.test.ts › %s",
      "unit/sandbox/type-check-corpus.test.ts › is refused at the place of the mistake: $title",
      "workerd/bridge.test.ts › hears nothing of a program that the compiler refuses",
    ],
  },
  {
    id: "typecheck.sloppy",
    promise: "Sloppy code that runs passes, and JavaScript is checked too.",
    tests: [
      "unit/sandbox/type-check.test.ts › %s",
      "unit/sandbox/type-check-corpus.test.ts › passes the check and runs: $title",
      "unit/sandbox/type-check.test.ts › a mistake in JavaScript",
    ],
  },
  {
    id: "typecheck.bounds",
    promise: "No type that a program declares holds up the check for long, and a program whose check fails runs all the same.",
    tests: [
      "unit/sandbox/type-check-bounds.test.ts › %s",
      "unit/sandbox/type-check-bounds.test.ts › is checked up to checkedCharsMax and runs unchecked above",
      "unit/core/typecheck.test.ts › blocks nothing, is reported, and is asked again",
    ],
  },
  {
    id: "typecheck.once",
    promise: "A program that a session has seen before is not checked again.",
    tests: [
      "unit/core/typecheck.test.ts › is not checked again",
      "unit/core/typecheck.test.ts › is checked again when its server's tools have changed",
    ],
  },
  {
    id: "runtime.module",
    promise: "runtime gives args, session, results, progress and help.",
    tests: [
      "unit/sandbox/type-check.test.ts › all exports of the module runtime",
      "workerd/session.test.ts › progress reaches the listener of the run",
      "workerd/session.test.ts › session values survive to the next run and the object's eviction",
    ],
  },
  {
    id: "results.handle",
    promise: "A large result comes as a preview of the same shape, and its handle reads the whole in a later run.",
    tests: ["workerd/session.test.ts › a large result is answered as a preview, and a later run reads it in full by its handle"],
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
    id: "sandbox.imports",
    promise: "A program may import a documented set of Node's modules, and having them opens nothing else.",
    tests: [
      "workerd/standard-modules.test.ts › works, imported as %j",
      "workerd/standard-modules.test.ts › the error for a refused import names the place and every allowed module",
      "e2e/attacks.test.ts › an isolate with standard modules has the same globals as one without",
    ],
  },
  {
    id: "sandbox.attacks",
    promise:
      "No program reaches network, host, another session or a server outside its list, or forges a result, a log, a ledger line or a call.",
    tests: [
      "e2e/attacks.test.ts › fails when it $name",
      "e2e/attacks.test.ts › another session finds nothing when a program $name",
      "e2e/attacks.test.ts › the corpus has at least 100 programs and no duplicates",
      "e2e/attacks.test.ts › in the end the other session still has its values, and the first session has none of them",
    ],
  },
  {
    id: "sandbox.compiler",
    promise: "Types that take the compiler for ever cost its process, and the program runs unchecked.",
    tests: ["e2e/hostile.test.ts › runs unchecked if its types block the compiler, which is then replaced"],
  },
  {
    id: "sandbox.guard",
    promise:
      "A program that computes longer than it may is stopped where it is, whatever it catches, without a second process too.",
    tests: [
      "unit/sandbox/guard.test.ts › %s",
      "unit/sandbox/guard.test.ts › even if it has changed %s",
      "e2e/hostile.test.ts › a program that computes without end is stopped by its guard: %s",
      "unit/sandbox/guard.test.ts › and the error names the place where it was",
      "unit/sandbox/guard.test.ts › while it waits for longer than the budget",
      "workerd/guard.test.ts › %s",
      "workerd/guard.test.ts › even if it goes on after its end",
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
      "workerd/isolate.test.ts › run past its time limit",
      "unit/core/execute.test.ts › whose sandbox never answers is given up on after a grace, not before",
    ],
  },
  {
    id: "limits.logs",
    promise: "Console lines stand apart from the result and are bounded, and those left out are counted exactly.",
    tests: [
      "workerd/isolate.test.ts › console lines are reported apart from the result, at most maxLogs of them",
      "workerd/session.test.ts › a flood of console lines is dropped cheaply and counted exactly",
      "unit/core/run-log.test.ts › keeps as many lines as asked for and counts the others, here and in the isolate",
    ],
  },
  {
    id: "limits.results",
    promise: "A result over the bound never leaves the isolate; at the bound it is kept whole, in any script.",
    tests: [
      "workerd/isolate.test.ts › is refused inside the isolate if it has 100 MB: %s",
      "workerd/session.test.ts › a result at the size limit, with three bytes per character, can be read after the object's eviction",
      "unit/sandbox/result.test.ts › may be as long as the limit, and one character more is refused with the limit: %s",
    ],
  },
  {
    id: "limits.stores",
    promise: "What a session keeps is bounded in number and bytes; values are refused by name, the oldest results make room.",
    tests: [
      "unit/core/runtime-calls.test.ts › has no room when all of them together are too many bytes; what was there before stays",
      "unit/core/runtime-calls.test.ts › makes room for one of the largest, also in a script of three bytes a character",
    ],
  },
  {
    id: "results.json",
    promise: "Maps, Sets, errors and promises in a result become something sensible; what has no JSON is named with its place.",
    tests: [
      "unit/sandbox/result.test.ts › may hold %s",
      "unit/sandbox/result.test.ts › that holds %s is an error that says so",
      "unit/sandbox/result.test.ts › may be as deep as the limit, and one level more is refused with its place",
    ],
  },
  {
    id: "live.logs",
    promise: "Console lines reach the client while the program runs, each once and in order, in both protocol generations.",
    tests: [
      "e2e/live.test.ts › log messages arrive while the program runs, with their levels, and the answer has the same lines",
      "e2e/live.test.ts › lines arrive once and in order, also as progress, and progress always increases",
      "e2e/live.test.ts › only log levels that the client asked for are sent",
    ],
  },
  {
    id: "live.cut-off",
    promise: "A run that is cut off answers with what it had printed.",
    tests: [
      "workerd/session.test.ts › console lines arrive while the program runs, and the answer of a cancelled run has them",
      "e2e/live.test.ts › a run that times out reports the outcome of each call and its printed lines",
    ],
  },
  {
    id: "console.prints",
    promise: "Any value prints readably and bounded, whatever the program has done to it or to the language.",
    tests: [
      "unit/sandbox/printing.test.ts › in the form of its kind: %s",
      "unit/sandbox/printing.test.ts › within limits on depth, entries and characters, and says how much is left out",
      "unit/sandbox/printing.test.ts › without calling its getters, even if its proxies throw",
      "workerd/isolate.test.ts › is unaffected when it replaces the built-ins for printing and JSON",
    ],
  },
  {
    id: "limits.calls",
    promise: "Calls are bounded per run, per minute and at once, by server.",
    tests: [
      "unit/core/gate.test.ts › callsPerRun lets so many through and not one more; another run starts anew",
      "unit/core/gate.test.ts › callsPerMinute holds across runs and lets go with time",
      "unit/core/registry-change.test.ts › gives nobody another minute's calls",
      "unit/core/registry-change.test.ts › with another limit counts by that from the next call on",
      "unit/core/registry-change.test.ts › lets no more runs in at once than one does",
      "unit/core/gate.test.ts › concurrency lets so many run at once; the rest wait their turn",
    ],
  },
  {
    id: "ledger.outcomes",
    promise: "Every call is reported as succeeded, failed, not_started or unknown, also when the program threw.",
    tests: [
      "unit/core/gate.test.ts › is by the upstream's word: %s means %s",
      "unit/core/execute.test.ts › are listed although the program threw",
      "unit/core/execute.test.ts › under way when its time is up are unknown, and not started where they had no turn yet",
      "unit/core/execute.test.ts › that followed from one it did not wait for are waited for too",
      "workerd/bridge.test.ts › that closes during a call leaves its outcome unknown, never retried",
    ],
  },
  {
    id: "cancel.client",
    promise: "A client that goes away ends its program and the calls in flight.",
    tests: [
      "e2e/main-job.test.ts › cancels the program and its calls when the client disconnects",
      "e2e/live.test.ts › when the client disconnects, the program ends and its calls are cancelled at their server",
    ],
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
      "workerd/warm-up.test.ts › a bridge that connects is asked at once for the tools of its default servers, and of no others",
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
      "unit/remote/sessions.test.ts › is agreed on with the server (newer: %s)",
      "unit/remote/sse.test.ts › is called over one stream, whatever order it answers in",
    ],
  },
  {
    id: "upstream.session-lost",
    promise:
      "A remote server that forgot the session gets one fresh one, and the run is told; what a stateful one held is told as lost.",
    tests: [
      "unit/remote/sessions.test.ts › is given a fresh one, the call is made once more on it, and the run is told",
      "unit/remote/sessions.test.ts › and refuses the fresh one too gets no third",
      "unit/remote/sessions.test.ts › fails the call that finds out, each of them, and the next begins afresh",
      "unit/remote/sessions.test.ts › tells the first call of an orchestrator that was started anew, once",
      "e2e/remote.test.ts › that hold something and have forgotten it say so once",
    ],
  },
  {
    id: "upstream.streams",
    promise:
      "A stream that breaks off is taken up at its last event; where that is not possible the call ends at once as unknown.",
    tests: [
      "unit/remote/streams.test.ts › and %s after an event with an id is taken up there, and the call answered once",
      "unit/remote/streams.test.ts › and %s with nothing to take it up by fails the call at once: it may have happened",
      "unit/remote/streams.test.ts › the official SDK's server, which lets go of a stream and keeps its events, is read to the end",
    ],
  },
  {
    id: "upstream.answer-bounds",
    promise: "An answer of a remote server that is too large, or never ends, fails that call alone.",
    tests: [
      "unit/remote/streams.test.ts › is refused in a stream, and in one that was taken up again",
      "unit/remote/streams.test.ts › because it never ends is let go of",
      "e2e/remote.test.ts › that break off an answer, or give one that is too large, fail that call alone",
    ],
  },
  {
    id: "upstream.addresses",
    promise: "Addresses inside are reached only under npm start, and never because a server on the internet named them.",
    tests: [
      "unit/remote/addresses.test.ts › %s lies inside",
      "unit/remote/addresses.test.ts › %s is no server's",
      "unit/remote/addresses.test.ts › is refused by a deployed orchestrator, with what to do about it, and nothing is sent",
      "unit/remote/addresses.test.ts › to another server takes no headers there",
      "unit/remote/addresses.test.ts › a fetch for the outside goes to no address inside",
      "unit/remote/sse.test.ts › is sent nothing at another origin, whatever it says",
    ],
  },
  {
    id: "upstream.headers",
    promise: "A remote server's headers hold what the secrets are at the connect, and no message holds them.",
    tests: [
      "unit/remote/addresses.test.ts › are filled in at each connect with what the secret is then",
      "unit/remote/addresses.test.ts › that cannot be sent are named, and not what is in them",
    ],
  },
  {
    id: "upstream.progress-waits",
    promise: "Progress begins the wait for an answer anew, over every transport, and never past the end of the run.",
    tests: [
      "unit/core/deadline.test.ts › begins anew with each word of progress, within its total",
      "unit/remote/times.test.ts › but tells its progress is waited for longer, up to its whole time",
      "e2e/remote.test.ts › that tell their progress are waited for past their own limit, on every transport",
    ],
  },
  {
    id: "upstream.cancelled",
    promise: "A call that is given up is cancelled down to the remote server, in either protocol generation.",
    tests: [
      "unit/remote/times.test.ts › is cancelled down to a server of 2025-11-25, by word and by the end of the connection",
      "unit/remote/times.test.ts › is cancelled down to a server of 2026-07-28, by the end of the stream alone",
      "e2e/remote.test.ts › that do not answer are told when the run ends, and their connection is let go of",
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
    id: "tunnel.large",
    promise:
      "A result of 5 MB comes through the bridge; one of 20 MB is refused by name, size and bound, and holds up nothing else.",
    tests: [
      "e2e/bridges.test.ts › arrives when it has 5 MB",
      "e2e/bridges.test.ts › is refused when it has 20 MB, by the tool's name, its size and the bound, and the next call works",
      "workerd/tunnel-frames.test.ts › brings a result of 5 MB, and other answers pass between its parts",
      "workerd/tunnel-frames.test.ts › brings large arguments to the bridge, none of its messages larger than one may be",
      "unit/bridge/tunnel-client.test.ts › takes large arguments in parts, and sends a large result in parts",
      "unit/bridge/tunnel-outbox.test.ts › is measured as UTF-8: a frame of exactly the bound goes, one byte more does not",
    ],
  },
  {
    id: "tunnel.backpressure",
    promise: "A slow network holds back long answers, not short ones, and fills no memory.",
    tests: [
      "unit/bridge/tunnel-outbox.test.ts › lets short frames pass between the parts of a long one, never many parts at a time",
      "unit/bridge/tunnel-outbox.test.ts › keeps what is said of servers in its order, long or short",
      "unit/bridge/tunnel-outbox.test.ts › is bounded: notices are dropped, and answers that do not fit are refused",
      "unit/bridge/tunnel-outbox.test.ts › is full when it holds as much as it may, and has room again when that is gone",
    ],
  },
  {
    id: "tunnel.once",
    promise: "A call over a connection that breaks is made once at most, and its outcome is told as far as it is known.",
    tests: [
      "e2e/bridges.test.ts › makes no call twice, and every call has an outcome that is true (seed %i)",
      "workerd/bridges.test.ts › are told apart by their keys: one that dials in again takes its old socket's place at once, however alive that looks",
      "workerd/tunnel-frames.test.ts › end with it: what was asked is not asked again, and the next call works",
      "workerd/tunnel-frames.test.ts › cannot answer what another one was asked",
    ],
  },
  {
    id: "tunnel.strangers",
    promise: "What is no frame, of another version, out of bounds or without the token ends the connection and changes nothing.",
    tests: [
      "workerd/tunnel-frames.test.ts › ends the socket when what comes is %s",
      "workerd/tunnel-frames.test.ts › of bytes ends the socket",
      "workerd/tunnel-frames.test.ts › of a bridge of another version is closed as that, whatever else its hello lacks",
      "workerd/tunnel-frames.test.ts › is not opened with a wrong token",
      "workerd/tunnel-frames.test.ts › that has said no hello serves nothing and changes nothing",
      "workerd/tunnel-frames.test.ts › that the session's eviction cuts in two ends the socket, which is dialled again",
    ],
  },
  {
    id: "tunnel.several-bridges",
    promise: "Several bridges serve one session, each its own servers; of a server that several declare, the newest has it.",
    tests: [
      "e2e/bridges.test.ts › serve one program, and what one of them takes away with it leaves the other's servers working",
      "workerd/bridges.test.ts › each serve their own servers, in one program",
      "workerd/bridges.test.ts › give a server that several declare to the newest, and back when that goes",
      "workerd/bridges.test.ts › lose the one whose servers a newer one has all taken over, and no other",
      "workerd/bridges.test.ts › keep the one that stands for the Worker's own registry, whoever takes its servers over",
      "workerd/bridges.test.ts › are so many and no more",
      "workerd/bridges.test.ts › are remembered while they are away, and forgotten when they stay away",
      "unit/core/announcement.test.ts › has the servers of all of them, and of one that several declare the first one's entry",
      "unit/core/announcement.test.ts › keeps its order, whoever comes and goes, and changes only where another entry counts",
    ],
  },
  {
    id: "tunnel.started-anew",
    promise:
      "A bridge that was started anew has its tools listed again when they are used, and the loss of a stateful server is told.",
    tests: [
      "workerd/bridges.test.ts › whose bridge was started anew tells the next call that what it held is gone, once",
      "workerd/bridges.test.ts › has lost nothing when its bridge only dialled in again, nor when it was never called",
      "workerd/bridges.test.ts › that another bridge takes over tells so, and again when it goes back",
      "workerd/bridges.test.ts › are listed anew when the same bridge is back and has heard of it",
      "workerd/bridges.test.ts › are listed anew when they are next used of a bridge that was started anew, and not before",
      "workerd/bridges.test.ts › are not listed again when nothing can have changed",
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
      "e2e/main-job.test.ts › a server whose command is missing, and goes on with the others",
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
    id: "bridge.remote-commands",
    promise: "check, list and call reach remote servers too, from this machine, and say what is missing where they cannot.",
    tests: [
      "unit/bridge/cli.test.ts › over %s is called and listed from this machine",
      "unit/bridge/cli.test.ts › that nobody runs is named with its address",
      "unit/bridge/cli.test.ts › that wants a login and has %j in its entry says where to log in",
      "unit/bridge/cli.test.ts › names the variables that a remote server's entry needs",
    ],
  },
  {
    id: "bridge.misbehaving",
    promise: "A server that answers twice or writes garbage costs the call it did so in, and no other.",
    tests: [
      "unit/bridge/misbehaving-servers.test.ts › a server that answers twice is believed the first time, and its calls keep their own answers",
      "unit/bridge/misbehaving-servers.test.ts › of the kind %s has not answered, and answers the next call",
      "unit/bridge/misbehaving-servers.test.ts › of the kind %s has failed that call alone",
      "unit/bridge/misbehaving-servers.test.ts › a server that answers with 5 MB is heard to the last character",
    ],
  },
  {
    id: "bridge.idle",
    promise: "A server without use is stopped, one that holds something is not, and the loss of what it held is told.",
    tests: [
      "unit/bridge/server-life.test.ts › is stopped after a while, and started again by the next call",
      "unit/bridge/server-life.test.ts › and holds something between calls runs on",
      "unit/bridge/server-life.test.ts › and ends between two calls says so to the next one, once, and is then started afresh",
    ],
  },
  {
    id: "bridge.restarts",
    promise: "A server that fails again and again is started less often, then left alone for a while; its status says so.",
    tests: [
      "unit/bridge/server-life.test.ts › is waited for longer and longer, then left alone, tried once, and forgiven when it answers",
      "unit/bridge/restarts.test.ts › too often in a row is left alone for a while, then tried",
    ],
  },
  {
    id: "bridge.itself",
    promise: "An entry that is the orchestrator itself is left out, and a bridge that a bridge has started refuses to run.",
    tests: [
      "unit/bridge/registry-file.test.ts › leaves out an entry that is the orchestrator itself, and says so",
      "unit/bridge/self-reference.test.ts › that starts %s %j",
      "unit/bridge/cli.test.ts › refuses to %s",
    ],
  },
  {
    id: "bridge.registry-changes",
    promise: "A changed registry takes effect on bridge and Worker without a restart; runs under way are not disturbed.",
    tests: [
      "e2e/bridge-commands.test.ts › a registry that changes takes effect while a run goes on, on both sides",
      "workerd/bridge.test.ts › brings its registry, which takes effect at once and again when it changes",
      "unit/bridge/server-life.test.ts › starts what is new, ends what is gone and what is another, and leaves the rest alone",
    ],
  },
  {
    id: "bridge.no-commands-told",
    promise: "The Worker learns what a registry file is for and never what it starts; remote servers only on one machine.",
    tests: [
      "unit/core/announcement.test.ts › holds nothing of the command, and all that says what a server is for",
      "unit/core/announcement.test.ts › cannot bring a command: the Worker refuses to read one",
      "unit/core/announcement.test.ts › takes no remote server from a bridge elsewhere, nor the name of one of its own",
    ],
  },
  {
    id: "calls.retries",
    promise: "A failed call is made again only where that is safe, within its deadline, and is one line of the ledger.",
    tests: [
      "unit/core/retry.test.ts › when the server has not seen it: %s",
      "unit/core/retry.test.ts › when it may have happened and its server does not call it safe",
      "unit/core/retry.test.ts › when the wait would pass the run's end",
      "unit/core/retry.test.ts › up to the bound, and then fails with the last failure in one line of the ledger",
    ],
  },
  {
    id: "bridge.exec",
    promise: "mcp-bridge exec runs a file with its imports, shows its logs as they come, and is cancelled by Ctrl-C.",
    tests: [
      "e2e/bridge-commands.test.ts › runs a file with what it imports, prints the result, and the logs beside it",
      "e2e/bridge-commands.test.ts › ends with 1 and the line that failed, as the file is called from here, and with what had happened",
      "e2e/bridge-commands.test.ts › cancels the run at Ctrl-C, down to the server",
    ],
  },
  {
    id: "bridge.import",
    promise: "Servers of Claude, VS Code, Cursor and Codex become registry entries; secrets become references.",
    tests: [
      "unit/bridge/import.test.ts › of Claude gives its servers, and turns its references into ours",
      "unit/bridge/import.test.ts › of VS Code may have comments; what it would ask for is named with its question",
      "unit/bridge/import.test.ts › of Cursor takes an address without a type for http",
      "unit/bridge/import.test.ts › of Claude or VS Code that starts a program by a relative path starts it in the same folder here",
      "unit/bridge/import.test.ts › of Claude or Cursor keeps the client that logs in, and hides its secret",
      "unit/bridge/import.test.ts › of Codex keeps its tools, its time limit and the names of its variables",
      "unit/bridge/import.test.ts › becomes a reference wherever it stands, and its value is nowhere",
      "unit/bridge/import.test.ts › leaves what stands there as it is written",
      "unit/bridge/import.test.ts › whose id another has is refused until it is given one",
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
      "workerd/access.test.ts › /%s accepts its own token and no other",
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
    id: "sandbox.hostile",
    promise: "Whatever a program wants without end, it ends with the right code within its time and 1.5 s, and harms nobody.",
    tests: ["e2e/hostile.test.ts › ends in time and harms nobody: %s", "e2e/hostile.test.ts › leaves no process behind"],
  },
  {
    id: "sandbox.innocent",
    promise:
      "Programs that were lost with another's process run again when they had called nothing, else end with an honest ledger.",
    tests: [
      "e2e/hostile.test.ts › does not end other programs in its process: they run again",
      "e2e/hostile.test.ts › ends programs in its process that had made calls, and their answers list the calls",
      "workerd/slots.test.ts › falls on neither of two programs, whichever notices first",
    ],
  },
  {
    id: "sandbox.memory",
    promise: "A process over its memory bound is replaced, and so is one that has run enough programs.",
    tests: [
      "unit/bridge/workerd-process.test.ts › is replaced over its memory bound",
      "unit/bridge/workerd-process.test.ts › is replaced when it has run enough programs",
      "workerd/slots.test.ts › is due after programsMax programs if the process is empty, and blocks the process meanwhile",
    ],
  },
  {
    id: "limits.in-flight",
    promise: "A run has so many calls under way at once and not one more.",
    tests: ["unit/core/gate.test.ts › up to the bound are let in and not one more; when one has ended the next one is"],
  },
  {
    id: "start.stop",
    promise: "Ctrl-C, SIGTERM and kill -9 leave no process behind, and it starts again.",
    tests: [
      "e2e/start.test.ts › leaves no process behind after SIGTERM",
      "e2e/start.test.ts › ends by Ctrl-C without leaving a process, and started again has kept tools and session values",
      "e2e/start.test.ts › leaves nothing behind when %s ends npm alone",
      "e2e/start.test.ts › leaves nothing behind when it is killed itself, and works when started again at once",
      "e2e/start.test.ts › leaves no process after %s",
    ],
  },
  {
    id: "start.sandbox",
    promise: "A program that freezes its process ends with cpu_limit, and the process is replaced.",
    tests: [
      "e2e/start.test.ts › ends a program that freezes its process, replaces the process and runs the next program",
      "e2e/start.test.ts › replaces the sandbox host when its process is killed",
      "unit/bridge/workerd-process.test.ts › is replaced when it was frozen, and says why",
    ],
  },
  {
    id: "login.address",
    promise:
      "A remote server that asks for a login is auth_required with an address in list, describe and errors; nothing is connected to for it.",
    tests: [
      "e2e/oauth.test.ts › a server without a login is listed and described with its login address",
      "e2e/oauth.test.ts › a program that imports it fails with the login address, in a field and in the message",
      "e2e/oauth.test.ts › npm start prints the login address and does not wait for a login",
      "unit/oauth/tokens.test.ts › a server without a login gives the login address and is not connected to",
      "unit/core/login.test.ts › a program that meets a login in the middle of its run fails with the address, whatever words it puts around it",
      "workerd/logins.test.ts › the login address has the origin of the last request",
    ],
  },
  {
    id: "login.works",
    promise: "Opening the address finishes the login, and the next call works.",
    tests: [
      "e2e/oauth.test.ts › a login ends at a page that says so, and the next call works",
      "unit/oauth/logins.test.ts › may be opened again if the first login was not completed",
      "unit/oauth/published.test.ts › a login to the SDK's example server (%s) works, and so does a call",
      "unit/oauth/published.test.ts › the page for a server without OAuth, although its entry says oauth, tells what to change",
    ],
  },
  {
    id: "login.client",
    promise: "The orchestrator registers itself, is a document of its own, or is the client that the registry names.",
    tests: [
      "unit/oauth/logins.test.ts › is registered at the first login and reused at the next",
      "unit/oauth/logins.test.ts › is registered again after the authorization server has forgotten it",
      "unit/oauth/logins.test.ts › is the configured one if the entry has one, with its secret from the environment",
      "unit/oauth/logins.test.ts › is its metadata document if it has a public address and the authorization server reads such documents",
      "unit/oauth/logins.test.ts › must be registered by hand if the authorization server has no registration, and the page says so",
    ],
  },
  {
    id: "login.one-refresh",
    promise: "Parallel calls that meet an expired token renew it once; no code and no refresh token is redeemed twice.",
    tests: [
      "e2e/oauth.test.ts › twenty calls of one program with an expired token refresh it once",
      "unit/oauth/tokens.test.ts › is refreshed once for twenty concurrent calls",
      "unit/oauth/tokens.test.ts › is refreshed before use if its expiry is known, with each refresh token used once",
      "unit/oauth/tokens.test.ts › is kept while the authorization server is down, and refreshed when that is back",
      "unit/oauth/tokens.test.ts › and cannot be refreshed leads to a login with a working address",
    ],
  },
  {
    id: "login.sealed",
    promise: "Tokens are encrypted at rest with a key from a secret, survive restarts, and stand nowhere in the clear.",
    tests: [
      "e2e/oauth.test.ts › a login survives a restart, and none of its secrets is in plain text in storage, logs or answers",
      "unit/oauth/tokens.test.ts › no secret of a login is stored in plain text",
      "unit/oauth/tokens.test.ts › a token in a server's result is redacted",
      "unit/oauth/tokens.test.ts › a stored login can be used after a restart, but only with its key",
      "workerd/logins.test.ts › a stored login opens after the object's eviction, but only with its key, session and storage key",
      "workerd/logins.test.ts › with the key %j a server is unavailable, and the reason says what to set",
      "unit/bridge/kept-secret.test.ts › a secret is made once, for its owner's eyes, and is the same from then on",
    ],
  },
  {
    id: "login.forged",
    promise: "A ticket, a state or a return that is forged, foreign, replayed or late is refused and changes nothing.",
    tests: [
      "e2e/oauth.test.ts › truncated, replayed and forged links lead to an error page and change nothing",
      "workerd/logins.test.ts › %s without a valid ticket or state is refused before any session object is called",
      "unit/oauth/logins.test.ts › can be completed only in its own session",
      "unit/oauth/logins.test.ts › does not replace a login that was made meanwhile",
      "unit/oauth/logins.test.ts › is used up by the first return, even if that fails",
      "unit/oauth/logins.test.ts › is not completed by a response from another issuer, and its code is sent to nobody",
      "unit/oauth/logins.test.ts › a deployed orchestrator does not call an authorization server on a private network",
    ],
  },
  {
    id: "login.forgotten",
    promise: "An entry that goes, moves or names another client loses its login; a mistake in the file logs nobody out.",
    tests: [
      "unit/oauth/logins.test.ts › deletes the login of a server that %s",
      "unit/oauth/logins.test.ts › with a mistake in the registry deletes no login",
    ],
  },
  {
    id: "claude-code",
    promise: "claude mcp add and list show it connected, and the plugin validates strictly.",
    tests: [
      "e2e/claude-code.test.ts › adds the server by the printed command and shows it as connected",
      "e2e/claude-code.test.ts › validates plugin and marketplace in strict mode",
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
  {
    id: "questions.asked",
    promise:
      "A server that asks reaches the person at a client of 2026-07-28, which is told who asks, and the program goes on with the answer.",
    tests: [
      "e2e/questions.test.ts › reaches the client with the server's name, and the program continues with the answer",
      "e2e/questions.test.ts › can be declined or cancelled, which the server is told",
      "e2e/questions.test.ts › can be followed by another",
      "e2e/questions.test.ts › simultaneous elicitations of several servers each get their own answer",
      "e2e/questions.test.ts › the published server-everything can elicit",
      "e2e/claude-code.test.ts › receives a server's elicitation, and cancels it because it runs in a script",
      "unit/questions.test.ts › that asks is answered by whoever made the call, and goes on with the answer",
    ],
  },
  {
    id: "questions.unasked",
    promise: "Where nobody can be asked, the call fails as approval_required with what was asked and what to do.",
    tests: [
      "e2e/questions.test.ts › a client without elicitation gets an error with the question and the next step",
      "unit/core/questions.test.ts › without anybody to ask fails its call with what was asked and what to do, and the server hears that it was cancelled",
      "unit/core/questions.test.ts › of one of several calls fails only one that failed",
    ],
  },
  {
    id: "questions.time",
    promise: "While a person thinks the time of run, program and call stands still, and not for longer than ten minutes.",
    tests: [
      "unit/core/questions.test.ts › the run's time stands still",
      "unit/core/questions.test.ts › the program's own time stands still too, and what follows has what was left",
      "unit/core/questions.test.ts › nothing goes on for ever: after ten minutes nobody has answered",
      "unit/questions.test.ts › keeps its call waiting for a person without using up the call's time, and for nothing else",
      "workerd/suspended-runs.test.ts › is cancelled when it was not answered within answerMs",
    ],
  },
  {
    id: "questions.token",
    promise: "A waiting run is found by an unguessable token, once, and only in its own session; a wrong one is told what to do.",
    tests: [
      "workerd/questions.test.ts › works once and only in its session",
      "workerd/questions.test.ts › a session refuses to suspend more than suspendedRunsMax runs until one of them has its answer",
      "e2e/questions.test.ts › gets an error with the next step for an invalid requestState",
      "e2e/questions.test.ts › and disconnects during an elicitation leaves a session that runs the next program",
    ],
  },
  {
    id: "questions.not-offered",
    promise: "A server that wants this client's model or its roots is refused in words, and the run is not disturbed.",
    tests: [
      "e2e/questions.test.ts › a sampling request is refused with a reason, and the run goes on",
      "unit/questions.test.ts › a server that wants what it was not offered (%s) is told so in words, and lives on",
    ],
  },
  {
    id: "faults",
    promise:
      "Whatever ends while programs run: every call has an outcome, none is made twice, values and catalogue stay, no process is left, and the next run works without a hand.",
    tests: [
      "e2e/faults.test.ts › leave every call with an outcome, run nothing twice, lose nothing and need no hand",
      "e2e/faults.test.ts › leave the session's values and the catalogue as they were, and the next run works",
      "e2e/faults.test.ts › leave one process of each server, and none when all is over",
    ],
  },
  {
    id: "secrets",
    promise: "A secret's value appears in no log, answer, error, storage or isolate, whatever its server says.",
    tests: [
      "e2e/secrets.test.ts › no secret is in listings, descriptions, printed output or storage",
      "unit/bridge/secrets.test.ts › with its last words is quoted without it, in the error and in its status",
      "unit/core/redaction.test.ts › changes strings at any depth and keeps numbers that read like a secret",
    ],
  },
  {
    id: "stateful.browser",
    promise: "What a program leaves open in a browser the next one finds; its loss is told once, and no browser is left behind.",
    tests: [
      "e2e/browser.test.ts › keeps the page that is open in Playwright, from one program to the next",
      "e2e/browser.test.ts › hears once that the browser's server was killed, and then has another",
      "e2e/browser.test.ts › leaves no browser behind",
    ],
  },
];
