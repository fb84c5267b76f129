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
  "surface.protocols": "Both protocol generations are served from one endpoint.",
  "surface.long-runs": "A run of more than a minute gets its answer.",
  "list.never-connects": "list_mcp_capabilities never connects to a server.",
  "list.status": "Each server is shown with its status, and with the reason when it cannot be used.",
  "list.filters": "Servers are filtered by visibility, domain and tag; opt_in and experimental ones only when asked for.",
  "list.query":
    "A query ranks servers and shows the tools that match; if nothing matches, the nearest are returned, marked weak.",
  "list.empty": "For an empty registry the list is empty and names the file to edit.",
  "list.search":
    "Search matches names split into words, stems, synonyms and misspellings over the registry and all cached tools; its index is built once per change.",
  "list.recall":
    "Over published servers, the right one is first for four queries in five and among the first five for nineteen in twenty.",
  "describe.large": "A server with a thousand tools is described in a bounded answer, and a query finds any of them.",
  "catalog.kept":
    "A listing is fetched once for all concurrent callers, is cached for its lifetime, and survives until its entry is removed or moved; no storage key reveals how a server is reached.",
  "catalog.changes": "After a server reports that its tools changed, all pages are listed again before the tools are used.",
  "catalog.tool-changed": "A call that was checked against one tool is not sent to another tool with the same name.",
  "catalog.stale":
    "A stale listing is used when listing fails or takes long, and the reason is shown; a server that never answers delays no other.",
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
  "upstream.features": "Every client has $resources and $prompts, typed, checked and limited like tools.",
  "upstream.odd-servers":
    "A tool or result that a strict reader would reject affects only itself, over every transport and protocol generation.",
  "typecheck.blocks":
    "Unknown tools, unknown, missing and wrong arguments and misspelt result fields are reported before anything is called.",
  "typecheck.sloppy": "Sloppy code that would run passes the check, and JavaScript is checked too.",
  "typecheck.bounds": "No type that a program declares holds up the check for long, and a program whose check fails still runs.",
  "typecheck.once": "A program that the session has already read and checked is not read again.",
  "runtime.module": "runtime exports args, session, results, progress and help.",
  "results.handle":
    "A large result is returned as a preview of the same shape, and its handle reads the full result in a later run.",
  "allow.default": "Without allowedMcpIds a run may use exactly the default servers that are not of high sensitivity.",
  "allow.at-call": "The allow list is checked again at each call.",
  "sandbox.no-network": "A program reaches no network, file system, environment, host module or new code.",
  "sandbox.imports": "A program may import a documented set of Node's modules, which give it no other access.",
  "sandbox.attacks":
    "No program reaches the network, the host, another session or a server outside its allow list, or forges a result, a log line, a ledger line or a call.",
  "sandbox.compiler":
    "A text that a parser or the compiler never finishes ends as compile_limit and costs only the compiler's process; other sessions' programs are read after it.",
  "sandbox.guard":
    "A program that exceeds its computing time is stopped where it is, whatever it catches, even without a second process.",
  "sandbox.fresh": "Nothing remains of a run in the next one.",
  "sandbox.again":
    "A program that its session runs again runs in the same isolate only if nothing in it has changed, and one run at a time.",
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
  "bridge.environment": "A server gets a minimal environment and what its entry declares.",
  "bridge.commands": "mcp-bridge has start, check, list and call, with --help and exit codes.",
  "bridge.remote-commands":
    "check, list and call also reach remote servers from this machine, and say what is missing if they cannot.",
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
  "start.port": "PORT changes the port; if it is taken, the error says what to do.",
  "sandbox.hostile":
    "Whatever a program does endlessly, it ends with the right code within its time limit plus 1.5 s, and affects no other.",
  "sandbox.innocent":
    "A program that loses its process because of another runs again if it had called nothing; otherwise it ends with a correct ledger.",
  "sandbox.memory": "A process is replaced when it exceeds its memory limit, and after a number of programs.",
  "limits.in-flight": "The number of concurrent calls of a run is limited exactly.",
  "limits.runtime":
    "The calls of the module runtime are limited in number, at once and in all, and in characters; a flood of them, or a long query, leaves other requests their time.",
  "limits.depth":
    "A value of any depth (result, arguments, session value, answer of a server, request) gets a clear error, and the answer lists the calls that were made.",
  "sandbox.fair":
    "A program that lost its process waits at most its own time limit, one session after another; programs that keep blocking processes run apart from other sessions.",
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
  "login.same-browser": "A login ends only in the browser that began it.",
  "login.forged":
    "A ticket, state or callback that is forged, from another session, replayed or late is refused and changes nothing.",
  "login.forgotten":
    "An entry that is removed, moved or names another client loses its login; a mistake in the file logs nobody out.",
  "claude-code": "After claude mcp add, claude mcp list shows it connected, and the plugin passes strict validation.",
  "core.anywhere": "core/ runs the whole flow without any platform, and imports none.",
  "main-job": "Three time zones read in parallel and a search through a repository return one small object from one call.",
  "questions.asked":
    "A server's elicitation reaches the person at a client of 2026-07-28, which is told which server asks, and the program continues with the answer.",
  "questions.unasked": "Where nobody can be asked, the call fails with approval_required, the question and the next step.",
  "questions.time": "While a person answers, the clocks of run, program and call are paused, for at most ten minutes.",
  "questions.token":
    "A waiting run is found by an unguessable token, once, and only in its own session; for any other token, the error says what to do.",
  "questions.not-offered": "A server that requests sampling or roots is refused with a reason, and the run continues.",
  faults:
    "Whatever fails while programs run: every call has an outcome, none is made twice, values and catalog are kept, no process remains, and the next run works without intervention.",
  secrets: "A secret's value appears in no log, answer, error, storage or isolate, whatever its server sends.",
  "stateful.browser":
    "The next program finds what a program left open in a browser; its loss is reported once, and no browser process remains.",
};
