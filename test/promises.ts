/**
 * Every promise of the product. Its id is a tag on each test of it: `vitest run --tags-filter=surface.tokens` runs those.
 * promises.test.ts fails for a promise without a test.
 */
export const promises: Readonly<Record<string, string>> = {
  "surface.three-tools": "The model sees list_mcp_capabilities, describe_mcp and execute_mcp_code, and nothing else.",
  "surface.tokens": "The three definitions together cost less than 600 tokens of o200k_base, the instructions at most 200.",
  "surface.instructions":
    "The instructions name the default servers of the session at the time a client initializes; no other request computes them.",
  "surface.constant": "tools/list is byte-identical, whatever the registry contains.",
  "surface.output": "Every tool has an output schema, and every answer satisfies it, refusals too.",
  "surface.direct":
    "With ?mode=direct the tools are list_mcp_capabilities, describe_mcp and call_mcp_tool, which calls one tool through the same gate.",
  "surface.protocols": "Both protocol generations are served from one endpoint.",
  "surface.long-runs": "A run of more than a minute gets its answer.",
  "list.never-connects": "list_mcp_capabilities never connects to a server.",
  "list.status": "Each server is shown with its status, and with the reason when it cannot be used.",
  "list.filters": "Servers are filtered by visibility, domain and tag; opt_in and experimental ones only when asked for.",
  "list.query":
    "A query ranks servers and shows the tools that match; if nothing matches, the nearest are returned, marked weak.",
  "list.generalises":
    "Search reads parameters and enums, other spellings and languages, finds both wishes of a sentence, and says when nothing fits or nobody has a service that is named.",
  "list.wishes": "A query may be up to five wishes, each of which is answered with its best tools in one list.",
  "list.learnt":
    "A tool that was called after a wish comes a little higher for similar wishes of that session, says why, and is forgotten when asked.",
  "list.overview": "A list without a query is an overview for less than 800 tokens, of a large registry by domain.",
  "list.lines":
    "A tool's line spends its characters on what differs from the server's other tools, and says in one word that it only reads or destroys.",
  "list.empty": "For an empty registry the list is empty and names the file to edit.",
  "list.search":
    "Search matches names split into words, stems, synonyms and misspellings over the registry and all cached tools; its index is built once per change.",
  "list.recall":
    "Over published servers, the right one is first for four queries in five and among the first five for nineteen in twenty.",
  "describe.large": "A server with a thousand tools is described in a bounded answer, and a query finds any of them.",
  "describe.query":
    "With a query, twelve tools are described and the rest named, the tool of exactly that name first; up to three named tools show their arguments a level deeper. Identifiers are taken as names.",
  "catalog.kept":
    "A listing is fetched once for all concurrent callers, is cached for its lifetime, and survives until its entry is removed or moved; no storage key reveals how a server is reached.",
  "catalog.changes": "After a server reports that its tools changed, all pages are listed again before the tools are used.",
  "catalog.tool-changed": "A call that was checked against one tool is not sent to another tool with the same name.",
  "catalog.stale":
    "A stale listing is used when listing fails or takes long, and the reason is shown; a server that never answers delays no other.",
  "runtime.files":
    "Text, bytes and what tools return are written to files of the session, outlive the run and the Worker, and are read in later runs; a program may return a file by its name.",
  "runtime.files-bounds":
    "Files are bounded in length, number and sum, their paths stay in the workspace, and a refused change changes nothing.",
  "runtime.files-expire": "Files that nobody has used for half an hour are removed; files.keep makes that longer.",
  "sandbox.exec":
    "Shell commands run over the files of a sandbox session and of the session itself; what they change stays once they have ended.",
  "sandbox.run-js": "A program of a sandbox session has its files and values, and reaches no server.",
  "sandbox.separate": "A sandbox session is used and stopped only by its owner, and reaches neither network nor host.",
  "sandbox.bounds": "Sandbox sessions are bounded in number and time; a stopped one ends what runs in it and leaves nothing.",
  "sandbox.commands-end":
    "Commands that compute, print or grow without end are stopped like programs, change nothing, and harm neither their caller nor the next ones.",
  "runtime.help":
    "A program can find servers and tools, read their declarations and call them in one run, within its allow list.",
  "describe.summary": "detail summary comes from the registry and needs no connection.",
  "describe.tools": "tools is one line of TypeScript and one of description for each tool.",
  "describe.schema":
    "schema is the complete declaration that the program is checked against; what does not fit is listed by name, never truncated.",
  "describe.unknown": "An unknown id or tool is answered with the closest matches.",
  "execute.input":
    "The input is either code or files with an entrypoint; anything else is invalid_input, and the next request works.",
  "input.meant":
    "What models send for what is asked is taken as meant: null, numbers as text, one string for a list, a Markdown fence; an unknown field is answered with the one that is meant.",
  "execute.entry-forms":
    "A default export, a main function, a top-level return and a bare async function all run, with the user's own line numbers.",
  "errors.next-step":
    "An error names the next step: what a tool's value was, what to write instead of what does not exist here, which limit to raise.",
  "execute.main-once": "A program that calls its own main runs it once.",
  "execute.positions": "Every error has the user's own file, line, column and code frame, in every form of the entrypoint.",
  "execute.typescript":
    "All of TypeScript runs, including enums, namespaces, decorators and using. JSX and CommonJS are refused by name, with their position.",
  "execute.files": "Several files import one another, JSON included.",
  "clients.forms":
    "mcp-clients, mcp-clients/<id> and mcp-clients/<id>/<tool> give the same client; an allowed id needs no import.",
  "clients.only-imported": "Only the clients in the program's import graph are generated, and only their servers are contacted.",
  "clients.names": "Every tool has a stable, valid identifier, and $call takes its name on the wire.",
  "clients.values":
    "A call resolves to structured content, or else to the JSON in a single text block, or else to the text; blobs are typed objects.",
  "clients.errors": "isError throws McpToolError with server, tool, code, message and content.",
  "clients.types": "Generated types compile under strict, whatever names a server's schemas use.",
  "clients.types-agree": "Arguments that a schema accepts type-check, and at least 95 % of those that it rejects do not.",
  "clients.types-shared": "A type that several tools of a server share is declared once.",
  "clients.types-observed":
    "Results without a declared schema are typed as observed in the session, without their values; such types never block a program.",
  "clients.texts-of-strangers":
    "No name or text from a server breaks out of the comment or string that contains it, and each is bounded.",
  "upstream.news":
    "Log messages and progress of servers reach the client while the program runs, in both protocol generations, marked with the server and bounded.",
  "upstream.features": "Every client has $resources, skills among them, and $prompts, typed, checked and limited like tools.",
  "upstream.odd-servers":
    "A tool or result that a strict reader would reject affects only itself, over every transport and protocol generation.",
  "typecheck.blocks":
    "Unknown tools, unknown, missing and wrong arguments and misspelt result fields are reported before anything is called.",
  "imports.unused":
    "A program is not refused for an imported server, tool, package, file or type that it never uses, nor waits for it.",
  "imports.meant":
    "Modules are found under the names that other systems give them; a name from the wrong place is answered with the right line.",
  "imports.namespace": "A namespace import has the exports of its module and nothing else.",
  "typecheck.sloppy": "Sloppy code that would run passes the check, and JavaScript is checked too.",
  "typecheck.bounds": "No type that a program declares holds up the check for long, and a program whose check fails still runs.",
  "typecheck.once": "A program that the session has already read and checked is not read again.",
  "saved.types":
    "The schema of a saved program comes from the types, default values and comments of its entrypoint; what JSON cannot say is refused with line and reason.",
  "saved.manage":
    "dynamic creates, updates, deletes, lists, reads, enables and rolls back saved programs; each change is a revision, and nothing that was answered is lost.",
  "saved.conflict":
    "Of concurrent changes of one saved program, each is stored with its own revision or refused with the conflict.",
  "saved.checked": "A program that would fail, or whose name or size is refused, is not stored; the error has the line.",
  "saved.call":
    "A saved program is called like any tool: typed, listed, found, described, in an isolate of its own, with its calls nested below it.",
  "saved.alone": "A list shows a saved program alone if it does just what is asked and no tool comes near it; a stale one never.",
  "saved.apart":
    "A saved program reaches only the servers of its own list, whatever its caller may reach, and sees nothing of its caller.",
  "saved.files": "A saved program has the files of its session, unless its list leaves out the server sandbox.",
  "saved.depth": "Saved programs that call each other or themselves end with an error that shows the chain.",
  "saved.drift":
    "A saved program whose servers changed is checked again: silent if it still fits, else listed as stale and refused.",
  "saved.modes": "SAVED_TOOLS decides whether programs may save: off, read_only, ask or on.",
  "saved.proposals":
    "Where a person is to be asked, what a program saves cannot be called until they accept the revision that they saw; a rejected one leaves what was accepted before.",
  "saved.scripts": "Files in scripts/ beside the registry are saved programs that are read-only in the server.",
  "saved.commands": "mcp-bridge run, save, export and skill work with saved programs, with flags from the schema.",
  "saved.skills":
    "Saved programs that can be called are skills over MCP (SEP-2640), whatever their names and descriptions are; a client that does not ask sees nothing of it.",
  "runtime.module": "runtime exports args, session, results, progress and help.",
  "results.handle":
    "A large result is returned as a preview of the same shape for at most 600 tokens, and its handle reads the full result in a later run.",
  "results.budget":
    "What a program did not ask for costs an answer at most 900 tokens with its preview, whatever servers say and do; what is cut is said, and a handle reads it.",
  "results.media":
    "An image in a result is an image block beside `{ type, mimeType, bytes }`; audio, PDFs and large binaries stay behind a handle.",
  "execute.calls":
    "Calls that succeeded are summed by server and tool, all others stand singly, and a handle reads each of them in a later run.",
  "allow.default": "Without allowedMcpIds a run may use exactly the default servers that are not of high sensitivity.",
  "allow.at-call": "The allow list is checked again at each call.",
  "sandbox.no-network": "A program reaches no network, file system, environment, host module or new code.",
  "sandbox.imports": "A program may import a documented set of Node's modules, which give it no other access.",
  "sandbox.attacks":
    "No program reaches the network, the host, another session or a server outside its allow list, or forges a result, a log line, a ledger line or a call.",
  "sandbox.frozen-host":
    "While the process of npm start does not answer, a program ends within seconds with what does not answer and the next step.",
  "sandbox.compiler":
    "A text that a parser or the compiler never finishes ends as compile_limit and costs only the compiler's process; other sessions' programs are read after it.",
  "sandbox.guard":
    "A program that exceeds its computing time is stopped where it is, whatever it catches, even without a second process.",
  "sandbox.fresh": "Nothing remains of a run in the next one.",
  "sandbox.again":
    "A program that its session runs again runs in the same isolate only if nothing in it has changed, and one run at a time.",
  "limits.own-time": "Without maxRuntimeMs a run has 10 s, and the time of one call of the slowest server that it uses.",
  "limits.time": "A run ends at maxRuntimeMs with run_timeout, and one that never yields ends shortly after.",
  "limits.logs": "Console lines are separate from the result and limited, and the lines dropped are counted exactly.",
  "limits.results": "A result over the limit never leaves the isolate; a result at the limit is kept in full, in any script.",
  "limits.stores":
    "What a session stores is limited in number and bytes: excess values are refused by name, and the oldest results make room.",
  "results.json":
    "Maps, Sets, errors and promises in a result are converted to JSON; a value that JSON cannot hold is reported with its place.",
  "live.logs": "Console lines reach the client while the program runs, each once and in order, in both protocol generations.",
  "live.heartbeat":
    "A run without news survives in a client that restarts its timeout on progress: it gets a notification every 15 seconds.",
  "live.cut-off": "A run that is cut off still answers with the lines it printed.",
  "console.prints": "Any value is printed readably and with limits, whatever the program has done to it or to the language.",
  "policy.verdict": "Every refusal by policy says its rule, what that allows and, where waiting helps, when to try again.",
  "policy.principal":
    "Rates and places at servers, and runs, are counted for a principal in all its sessions together, across connections and restarts.",
  "policy.holdings":
    "Bytes of files and sandbox sessions are counted for a principal in all its sessions together; what is deleted, stopped or expired makes room.",
  "policy.bridge": "A bridge cannot make less strict what the Worker's registry says of a server.",
  "approvals.needed":
    "A call needs a person if its server is of high sensitivity and its tool changes something, or if the registry says so; no other call does.",
  "approvals.one-decision":
    "All calls of a run that wait are one decision, which covers no call that was not shown; a decision may cover a tool, up to a number of calls, and the first one counts.",
  "approvals.waits":
    "A run whose calls wait goes on when a person has decided, its time stands still meanwhile, and asking again repeats nothing.",
  "approvals.person":
    "Only a person with mcp:admin decides, on a page of this origin or with a token, about runs of their own principal.",
  "approvals.page":
    "What a person is shown are the arguments as they are sent, in a place of their own; nothing in them, in a name or in a program looks like the page's own words, turns round, hides or ends a line.",
  "approvals.commands":
    "exec says where a person decides about a run that waits, and waits in a terminal; approvals lists what waits with what was done, and decides once.",
  "approvals.denied": "A refused call never reaches its server, and is an error that the program can catch.",
  "approvals.outlives":
    "A run that waits for a person outlives its process: it is run again, gets the answers, the time and the random values that it had, and no call is made twice.",
  "approvals.astray":
    "A program that does something else when it is run again is ended with what it had done; it gets no call through without a decision, and repeats none.",
  "approvals.kills":
    "Whatever is killed before, during and after a decision: no approved call reaches its server twice, and no refused one at all.",
  "approvals.expires": "A run that nobody decides about is ended after a day, and holds no place for running programs meanwhile.",
  "approvals.principal":
    "A rule for one principal counts for its sessions alone, before those for all; a bridge can only add calls that are asked about.",
  "approvals.asked-client":
    "While a client's user is asked, the run waits on the page too and outlives its process; the first word counts, from either, and a late or repeated one changes nothing.",
  "approvals.standing": "Each call about which nobody was asked because of a standing rule has that rule in its audit record.",
  "approvals.cheap": "The answer of a run that waits has at most 150 tokens, and asking again runs nothing.",
  "pins.changed":
    "A tool that is not as it was accepted is not called until a person accepts it; the error, the command and the console show the whole difference.",
  "limits.calls": "Calls to a server are limited per run, per minute and concurrently.",
  "ledger.outcomes": "Every call is reported as succeeded, failed, not_started or unknown, even if the program threw.",
  "cancel.notification":
    "Under MCP 2025-11-25 a cancellation stops the program and its calls: the run is found by MCP session and request id.",
  "cancel.client": "When a client disconnects, its program ends and its calls in flight are cancelled.",
  "registry.understood":
    "What other programs write in an entry is understood where it can mean one thing, and otherwise answered with how it is written here.",
  "registry.problems": "An invalid registry reports every problem at once with its position, and the valid entries work.",
  "registry.schema": "The JSON Schema for editors is the schema the file is checked against.",
  "registry.references":
    "${env:NAME} and ${env:NAME:-default} are resolved when connecting; a literal that looks like a secret causes a warning.",
  "registry.discovery": "The tools of default servers are listed in the background once the servers can be reached.",
  "session.separate": "Sessions with different names share nothing.",
  "session.bridge-hibernates": "A bridge's socket outlives the eviction of the session object.",
  "upstream.remote": "Remote servers are called over Streamable HTTP and SSE, and reconnected to after an outage.",
  "upstream.session-lost":
    "When a remote server loses its session, a new one is opened once and the run is told; the lost state of a stateful server is reported.",
  "upstream.loss-lately": "The loss of a stateful server's state that nobody used lately fails no call.",
  "upstream.streams":
    "An interrupted stream is resumed from its last event; if that is impossible, the call ends at once as unknown.",
  "upstream.answer-bounds": "An answer of a remote server that is too large, or never ends, fails only that call.",
  "upstream.addresses":
    "Internal addresses are reached only under npm start, and never because a server on the internet named them.",
  "upstream.headers": "A remote server's headers are filled with the secrets at each connect, and no message contains them.",
  "upstream.progress-waits":
    "Every progress notification restarts the wait for an answer, over every transport, but never past the end of the run.",
  "upstream.cancelled": "A call that is given up is cancelled at the remote server, in both protocol generations.",
  "bridge.own-registry": "The bridge starts only what its own registry file declares; the Worker never sends a command.",
  "tunnel.large":
    "A result of 5 MB passes through the bridge; one of 20 MB is refused with its name, size and limit, and delays nothing else.",
  "tunnel.backpressure": "A slow network delays long answers, not short ones, and does not fill the memory.",
  "tunnel.once":
    "A call over a connection that breaks is executed at most once, and its outcome is reported as far as it is known.",
  "tunnel.strangers":
    "An invalid frame, another version, a size over the limit or a wrong token ends the connection and changes nothing.",
  "tunnel.several-bridges":
    "Several bridges serve one session, each with its own servers; the newest serves a server that several declare.",
  "tunnel.started-anew":
    "After a bridge restarts, its tools are listed again on use, and the loss of a stateful server's state is reported.",
  "bridge.lazy": "Stdio servers start on first use, one process each.",
  "bridge.first-start":
    "A first start that installs its server has minutes, is told as progress, and goes on when a caller has given up.",
  "bridge.dead-server": "When a server dies, the error has its name and its last output, and the next call starts it again.",
  "bridge.missing-command": "A missing command is reported with the next step, and the other servers work.",
  "bridge.no-orphans": "However the bridge ends, even by kill -9, no process of its servers remains.",
  "bridge.user-node": "Stdio servers run under the user's own Node where it is new enough.",
  "bridge.environment": "A server gets a minimal environment and what its entry declares.",
  "bridge.commands": "mcp-bridge has start, check, list and call, with --help and exit codes.",
  "bridge.remote-commands":
    "check, list and call also reach remote servers from this machine, and say what is missing if they cannot.",
  "bridge.many-parts":
    "A message of a server with a million fields or lists is not read: its call is output_limit, and the server and all others go on.",
  "bridge.misbehaving": "A server that answers twice or writes garbage fails at most the call in which it does so.",
  "bridge.idle": "An idle server is stopped, but not a stateful one, and the loss of its state is reported.",
  "bridge.restarts":
    "A server that keeps failing is restarted less and less often, then not at all for a while; its status says so.",
  "bridge.itself":
    "An entry that is the orchestrator itself is left out, and a bridge that was started by a bridge refuses to run.",
  "bridge.registry-changes":
    "A changed registry takes effect on bridge and Worker without a restart, and does not disturb running programs.",
  "bridge.no-commands-told":
    "The Worker learns what the servers of a registry file are for, but never their commands; it takes remote servers from a bridge only on one machine.",
  "calls.retries": "A failed call is retried only if that is safe, within its deadline, and is one line of the ledger.",
  "bridge.exec": "mcp-bridge exec runs a file with its imports, prints its logs live, and is cancelled by Ctrl-C.",
  "bridge.import":
    "Servers of Claude, VS Code, Cursor and Codex are converted to registry entries, with references in place of secrets.",
  "bridge.code-modes":
    "A server that is a code mode of its own is recognised at import and by check, with the switch for single tools where one is known.",
  "console.numbers":
    "The console shows how many runs and calls there were, how many failed and how long they took, over the last hour to the last month.",
  "console.servers":
    "A person adds, changes, switches off, removes and imports servers at the console: the registry file keeps its comments, its problems stand at their fields, and no secret is shown or kept in the clear.",
  "console.pages":
    "The console shows servers, tools and what a session keeps, runs a program with its lines and its answer, is used by keyboard and without a script, and shows what a server writes as text.",
  "console.try":
    "A tool is tried with a form made from its schema, which works without a script and goes through every check that a program's call does.",
  "console.programs":
    "The playground writes a program of several files, shows errors at their place, and keeps it as a saved tool, which the console shows, changes, exports and deletes.",
  "console.approvals":
    "The console counts and shows the runs that wait for a person, with all that is needed to decide, and the decision is made there.",
  "console.asked":
    "What a server asks during a run that was started at the console is shown as its words, with a field of every kind or the host of its address, and is answered, declined or left there, also without a script.",
  "console.live":
    "A run that an agent has under way is watched at the console, with its lines as they come, and cancelled there.",
  "console.login": "A login to a server is begun on the console's page and finished in the browser.",
  "console.secrets": "No page of the console shows the value of a secret.",
  "access.browser":
    "A browser logs in with a token or with the identity provider, gets a cookie that is not the token, and changes something only from a page of this origin.",
  "access.closed": "From other machines, /mcp and /bridge refuse everyone until their tokens are set, and say what to set.",
  "access.named": "Tokens with a name are kept as hashes, have scopes, expire, and reach sessions of their own.",
  "access.jwt": "JWTs of the configured issuer and audience are accepted, signed by a published key, also after a rotation.",
  "access.oauth": "MCP clients log in by OAuth 2.1, after a page that names the client and what it may do.",
  "access.scopes": "Every endpoint and tool needs its scope; a refusal says which in the form that clients understand.",
  "access.settings": "A wrong setting of access closes everything and is named.",
  "access.throttled": "Wrong tokens are slowed down per caller, in bounded memory.",
  "access.encrypted": "Tokens are not taken, and not sent, over plain http to another machine.",
  "access.local":
    "npm start makes a token once, prints the whole line with it, and its commands and plugin find it by themselves.",
  "access.reserved": "The orchestrator's own secrets never resolve in a registry entry.",
  "access.explained": "A client with no token or a wrong one prints what to send, also if it looks for a login first.",
  "access.tokens": "AUTH_TOKEN opens only /mcp, and BRIDGE_TOKEN only /bridge.",
  "access.browsers": "Host and Origin are checked, so that a foreign web page cannot use the orchestrator on this machine.",
  "endpoints.health": "/livez, /readyz and /metrics answer.",
  "start.ready": "npm start shows progress, then the URL, a table of servers and the claude mcp add command.",
  "start.plain-worker": "npx wrangler dev needs a copy of .dev.vars.example at most, and works with it as it is.",
  "start.port": "PORT changes the port; if it is taken, the error says what to do.",
  "sandbox.hostile":
    "Whatever a program does endlessly, it ends with the right code within its time limit plus 1.5 s, and affects no other.",
  "sandbox.innocent":
    "A program that loses its process because of another runs again if it had called nothing; otherwise it ends with a correct ledger.",
  "servers.no-delay":
    "What a server lists holds up no other session: long lists are read in short turns, schemas in bounded steps.",
  "sandbox.memory": "A process is replaced when it exceeds its memory limit, and after a number of programs.",
  "limits.in-flight": "The number of concurrent calls of a run is limited exactly.",
  "limits.runtime":
    "The calls of the module runtime are limited in number, at once and in all, and in characters; a flood of them, or a long query, leaves other requests their time.",
  "limits.depth":
    "A value of any depth (result, arguments, session value, answer of a server, request) gets a clear error, and the answer lists the calls that were made.",
  "sandbox.fair":
    "A program that lost its process waits at most its own time limit, one session after another; programs that keep blocking processes run apart from other sessions.",
  "start.at-once": "Of several starts on one port one runs, and the others end and say that the port is taken.",
  "start.stop": "After Ctrl-C, SIGTERM or kill -9 no process remains, and npm start works again.",
  "start.closed":
    "npm start listens on one port of the loopback interface, opens no debugger, and nobody else can reach its other sockets.",
  "start.sandbox": "A program that freezes its process ends with cpu_limit, and the process is replaced.",
  "login.address":
    "A remote server that requires a login is auth_required with a login address in list, describe and errors; none of these connects to it.",
  "login.works": "Opening the address completes the login, and the next call works.",
  "login.client":
    "The orchestrator registers as a client, uses a client metadata document, or uses the client that the registry names.",
  "login.one-refresh": "Concurrent calls with an expired token refresh it once; no code and no refresh token is redeemed twice.",
  "login.sealed": "Stored tokens are encrypted with a key from a secret, survive restarts, and appear nowhere in plain text.",
  "login.same-browser": "A login that a browser makes ends only in the browser that began it.",
  "login.forged":
    "A ticket, state or callback that is forged, from another session, replayed or late is refused and changes nothing.",
  "login.forgotten":
    "An entry that is removed, moved or names another client loses its login; a mistake in the file logs nobody out.",
  "claude-code": "After claude mcp add, claude mcp list shows it connected, and the plugin passes strict validation.",
  "core.anywhere": "core/ runs the whole flow without any platform, and imports none.",
  "main-job": "Three time zones read in parallel and a search through a repository return one small object from one call.",
  "questions.asked":
    "A server's elicitation reaches the person at a client of 2026-07-28, which is told which server asks, and the program continues with the answer.",
  "questions.owner":
    "With two clients at one server, a question reaches the client whose call caused it, whichever called first.",
  "questions.unasked": "Where nobody can be asked, the call fails with approval_required, the question and the next step.",
  "questions.time": "While a person answers, the clocks of run, program and call are paused, for at most ten minutes.",
  "questions.token":
    "A waiting run is found by an unguessable token, once, and only in its own session; for any other token, the error says what to do.",
  "questions.not-offered": "A server that requests sampling or roots is refused with a reason, and the run continues.",
  faults:
    "Whatever fails while programs run: every call has an outcome, none is made twice, values and catalog are kept, no process remains, and the next run works without intervention.",
  secrets: "A secret's value appears in no log, answer, error, storage or isolate, whatever its server sends.",
  "deploy.environments":
    "Production and preview are two complete deployments of one configuration, and what is uploaded stays small.",
  "deploy.start":
    "What the Worker evaluates at its start has nothing of the console, which is loaded with the first request for it.",
  "deploy.own-compiler": "Each deployment reads programs with its own compiler, under whatever name it is deployed.",
  doctor:
    "mcp-bridge doctor looks at this machine or a deployment, and names each fault with what mends it; it prints no secret.",
  "bridge.service":
    "The bridge comes with a systemd unit, a launchd property list and a Dockerfile, which start it as documented.",
  "docs.reference":
    "docs/reference.md has every variable, binding, endpoint, tool, registry field and error code, as the source declares them.",
  "stateful.browser":
    "The next program finds what a program left open in a browser; its loss is reported once, and no browser process remains.",
  "face.stdio":
    "mcp-bridge stdio serves clients of both protocol generations from one shared orchestrator: progress, logs, questions and cancellations pass through, and nothing is left when the last client is gone.",
  "package.installed":
    "The package, installed in an empty folder, starts with a registry in the user's own folder, runs programs on real servers, has types, and leaves no process behind; under Node 20 and 24.",
  "face.frameworks":
    "Each framework's face has the three tools as they are: its model lists, describes, executes, reads errors and previews, and an abort stops the program and its calls.",
  "face.images":
    "An image in a result reaches the model of each framework as an image; who cannot show it is told so, and gets no base64 as text.",
  "install.clients":
    "mcp-bridge install adds the orchestrator to each of ten programs in the form that it documents, shows what changes, keeps a copy, and changes nothing else; uninstall removes it again.",
  "face.service":
    "A Worker that binds the entrypoint Orchestrator uses a session without HTTP or token: progress, questions and aborts cross, and sessions belong to the principal of the binding's props.",
  "audit.records":
    "Each list, describe, execute, call, refusal, login and act of administration is one record: when, who, in which session and run, what, by which rule, and what became of it.",
  "audit.durable":
    "A record is written before its answer leaves; a run or call under way when a process dies is recorded all the same, once.",
  "audit.read": "/audit.jsonl gives the records after a cursor, oldest first, to whoever may administer and nobody else.",
  "audit.arguments":
    "Arguments are left out, hashed or recorded, as AUDIT_ARGUMENTS says; what is named like a secret or known as one is never in a record.",
  "audit.forged": "Nothing that a program, a server or a stranger sends makes a record, a second line, or a line that hides.",
  "audit.bounded": "Records are bounded in size and number; refusals of strangers and calls in a loop push no others out.",
  "audit.handed-on": "Records are handed on to a queue where one is bound, and under npm start to a file that rotates.",
  "metrics.counts": "/metrics counts runs, calls, errors and refusals, and how long they took, in Prometheus' format.",
  "metrics.bounded": "No caller can make a metric have any number of series.",
  "bridge.silent": "Connections to a session that never say hello are bounded, and keep no bridge out.",
  "http.bodies":
    "The body of a request is counted while it arrives; one that is too large, too slow, too deep or no JSON gets a clear answer, and the next request works.",
  "session.deleted": "A session that is deleted, or idle for longer than configured, keeps nothing, its logins neither.",
  "system.server": "The server system tells programs the health, counts and limits of their own session, and no secret.",
  "operator.bounds":
    "MAX_RUN_MS, MAX_CALLS_PER_RUN and MAX_RESULT_BYTES bound every run, whatever its caller asks for; the error names the setting.",
  "request.id": "Every answer has the request id that its caller sent or a new one, which is in errors, logs and the audit too.",
  "answer.headers": "Every answer has the headers that keep browsers from framing, sniffing and caching it.",
};
