/**
 * Every promise of the product. Its id is a tag on each test that holds the product to it:
 * `vitest run --tags-filter=surface.tokens` runs them. One without a test is no promise: promises.test.ts fails.
 */
export const promises: Readonly<Record<string, string>> = {
  "surface.three-tools": "The model sees list_mcp_capabilities, describe_mcp and execute_mcp_code, and nothing else.",
  "surface.tokens": "The three definitions together cost less than 600 tokens of o200k_base, the instructions at most 200.",
  "surface.instructions":
    "The instructions name the default servers of the session as they are when a client opens; no other request asks for them.",
  "surface.constant": "tools/list is byte-identical whatever the registry holds.",
  "surface.protocols": "Both protocol generations are served from one endpoint.",
  "surface.long-runs": "A run of more than a minute is answered.",
  "list.never-connects": "list_mcp_capabilities never connects to a server.",
  "list.status": "Each server is shown with its status, and with the reason when it cannot be used.",
  "list.filters": "Servers are filtered by visibility, domain and tag; opt_in and experimental ones only when asked for.",
  "list.query": "A query ranks servers and shows the tools that fit; one that fits nothing gives the nearest, marked weak.",
  "list.empty": "An empty registry answers no servers and names the file to edit.",
  "list.search":
    "Search reads names split into words, stems, synonyms and misspellings over the registry and all cached tools; its index is built once per change.",
  "list.recall":
    "Over published servers, the right one comes first for four queries in five and is among five for nineteen in twenty.",
  "describe.large": "A server of a thousand tools is described in a bounded answer, and a query finds any of them.",
  "catalog.kept":
    "A listing is made once for all who wait, serves for its time, and is there for the next conversation until its entry is gone or moved; no key of the store tells how a server is reached.",
  "catalog.changes": "A server that says that its tools changed is listed anew before they are used, all pages.",
  "catalog.tool-changed": "A call that was checked against one tool is not sent to another of that name.",
  "catalog.stale":
    "An old list serves when listing fails or takes long, and the reason is shown; a server that never answers delays no other.",
  "runtime.help":
    "A program can find servers and tools, read their declarations and call them in one run, within its allow list.",
  "describe.summary": "summary is the registry's word and needs no connection.",
  "describe.tools": "tools is one line of TypeScript and one of description for each tool.",
  "describe.schema":
    "schema is the declaration the program is checked against, standing on its own; what does not fit is named, never cut.",
  "describe.unknown": "An unknown id or tool is answered with the closest ones.",
  "execute.input": "Exactly one of code or files with an entrypoint; anything else is invalid_input, and the next request works.",
  "execute.entry-forms":
    "A default export, a main, a top-level return and a bare async function all run, with the user's own line numbers.",
  "execute.main-once": "A program that calls its own main runs it once.",
  "execute.positions": "Every error has the user's own file, line, column and frame, in every form of the entrypoint.",
  "execute.typescript":
    "TypeScript runs whole: enums, namespaces, decorators, using. JSX and CommonJS are refused by name, with their place.",
  "execute.files": "Several files import one another, JSON included.",
  "clients.forms":
    "mcp-clients, mcp-clients/<id> and mcp-clients/<id>/<tool> give the same client; an allowed id needs no import.",
  "clients.only-imported": "Only the clients in the program's import graph are generated, and only their servers asked.",
  "clients.names": "Every tool has a stable, legal name, and $call reaches it by its wire name.",
  "clients.values": "A call resolves to structured content, else the JSON in one text, else the text; blobs as typed objects.",
  "clients.errors": "isError throws McpToolError with server, tool, code, message and content.",
  "clients.types": "Generated types compile under strict, whatever a server calls a schema.",
  "clients.types-agree": "Arguments that a schema accepts type-check, and at least 95 % of those that it refuses do not.",
  "clients.types-shared": "A type that several tools of a server have is declared once.",
  "clients.types-observed":
    "Results that no server declares are described as observed in the session, as types without values; they never block a program.",
  "clients.texts-of-strangers":
    "No name or text of a server leaves the comment or the string in which it stands, and each is bounded.",
  "upstream.news":
    "What a server logs and how far its calls are reach the client while the program runs, in both protocol generations, marked with the server and bounded.",
  "upstream.features": "Every client has $resources and $prompts, typed, checked and bounded like tools.",
  "upstream.odd-servers":
    "A tool or a result that strict readers refuse costs itself and not its server, over either transport and protocol.",
  "typecheck.blocks":
    "Unknown tools, unknown, missing and wrong arguments and misspelt result fields are told before anything is called.",
  "typecheck.sloppy": "Sloppy code that runs passes, and JavaScript is checked too.",
  "typecheck.bounds":
    "No type that a program declares holds up the check for long, and a program whose check fails runs all the same.",
  "typecheck.once": "A program that a session has seen before is not checked again.",
  "runtime.module": "runtime gives args, session, results, progress and help.",
  "results.handle": "A large result comes as a preview of the same shape, and its handle reads the whole in a later run.",
  "allow.default": "Without allowedMcpIds a run may use every default server that is not of high sensitivity, and no other.",
  "allow.at-call": "The allow list holds again at each call.",
  "sandbox.no-network": "A program reaches no network, file system, environment, host module or new code.",
  "sandbox.imports": "A program may import a documented set of Node's modules, and having them opens nothing else.",
  "sandbox.attacks":
    "No program reaches network, host, another session or a server outside its list, or forges a result, a log, a ledger line or a call.",
  "sandbox.compiler": "Types that take the compiler for ever cost its process, and the program runs unchecked.",
  "sandbox.guard":
    "A program that computes longer than it may is stopped where it is, whatever it catches, without a second process too.",
  "sandbox.fresh": "Nothing of one run is left in the next.",
  "limits.time": "A run ends at maxRuntimeMs with run_timeout, one that never answers shortly after.",
  "limits.logs": "Console lines stand apart from the result and are bounded, and those left out are counted exactly.",
  "limits.results": "A result over the bound never leaves the isolate; at the bound it is kept whole, in any script.",
  "limits.stores":
    "What a session keeps is bounded in number and bytes; values are refused by name, the oldest results make room.",
  "results.json":
    "Maps, Sets, errors and promises in a result become something sensible; what has no JSON is named with its place.",
  "live.logs": "Console lines reach the client while the program runs, each once and in order, in both protocol generations.",
  "live.cut-off": "A run that is cut off answers with what it had printed.",
  "console.prints": "Any value prints readably and bounded, whatever the program has done to it or to the language.",
  "limits.calls": "Calls are bounded per run, per minute and at once, by server.",
  "ledger.outcomes": "Every call is reported as succeeded, failed, not_started or unknown, also when the program threw.",
  "cancel.client": "A client that goes away ends its program and the calls in flight.",
  "registry.problems": "A wrong registry gives every problem at once with its place, and the rest works.",
  "registry.schema": "The JSON Schema for editors is the schema the file is checked against.",
  "registry.references":
    "${env:NAME} and ${env:NAME:-default} are resolved when connecting; a literal that looks like a secret is a warning.",
  "registry.discovery": "The tools of default servers are listed in the background once the servers can be reached.",
  "session.separate": "Sessions of different names share nothing.",
  "session.bridge-hibernates": "The bridge's socket outlives the object's eviction.",
  "upstream.remote": "Remote servers are called over Streamable HTTP and SSE, and reached again after they were gone.",
  "upstream.session-lost":
    "A remote server that forgot the session gets one fresh one, and the run is told; what a stateful one held is told as lost.",
  "upstream.streams":
    "A stream that breaks off is taken up at its last event; where that is not possible the call ends at once as unknown.",
  "upstream.answer-bounds": "An answer of a remote server that is too large, or never ends, fails that call alone.",
  "upstream.addresses":
    "Addresses inside are reached only under npm start, and never because a server on the internet named them.",
  "upstream.headers": "A remote server's headers hold what the secrets are at the connect, and no message holds them.",
  "upstream.progress-waits":
    "Progress begins the wait for an answer anew, over every transport, and never past the end of the run.",
  "upstream.cancelled": "A call that is given up is cancelled down to the remote server, in either protocol generation.",
  "bridge.own-registry": "The bridge starts only what its own registry file declares; the Worker never sends a command.",
  "tunnel.large":
    "A result of 5 MB comes through the bridge; one of 20 MB is refused by name, size and bound, and holds up nothing else.",
  "tunnel.backpressure": "A slow network holds back long answers, not short ones, and fills no memory.",
  "tunnel.once": "A call over a connection that breaks is made once at most, and its outcome is told as far as it is known.",
  "tunnel.strangers":
    "What is no frame, of another version, out of bounds or without the token ends the connection and changes nothing.",
  "tunnel.several-bridges":
    "Several bridges serve one session, each its own servers; of a server that several declare, the newest has it.",
  "tunnel.started-anew":
    "A bridge that was started anew has its tools listed again when they are used, and the loss of a stateful server is told.",
  "bridge.lazy": "Stdio servers start when they are used, one process each.",
  "bridge.dead-server": "A server that dies is named with its last words, and the next call starts it again.",
  "bridge.missing-command": "A missing command is named with the next step, and the other servers work.",
  "bridge.no-orphans": "However the bridge ends, kill -9 included, no process of its servers is left.",
  "bridge.environment": "A server sees a minimal environment and what its entry declares.",
  "bridge.commands": "mcp-bridge start, check, list and call, with --help and exit codes.",
  "bridge.remote-commands":
    "check, list and call reach remote servers too, from this machine, and say what is missing where they cannot.",
  "bridge.misbehaving": "A server that answers twice or writes garbage costs the call it did so in, and no other.",
  "bridge.idle": "A server without use is stopped, one that holds something is not, and the loss of what it held is told.",
  "bridge.restarts":
    "A server that fails again and again is started less often, then left alone for a while; its status says so.",
  "bridge.itself": "An entry that is the orchestrator itself is left out, and a bridge that a bridge has started refuses to run.",
  "bridge.registry-changes":
    "A changed registry takes effect on bridge and Worker without a restart; runs under way are not disturbed.",
  "bridge.no-commands-told":
    "The Worker learns what a registry file is for and never what it starts; remote servers only on one machine.",
  "calls.retries": "A failed call is made again only where that is safe, within its deadline, and is one line of the ledger.",
  "bridge.exec": "mcp-bridge exec runs a file with its imports, shows its logs as they come, and is cancelled by Ctrl-C.",
  "bridge.import": "Servers of Claude, VS Code, Cursor and Codex become registry entries; secrets become references.",
  "access.closed": "Beyond this machine /mcp and /bridge refuse everyone until their tokens are set, and say what to set.",
  "access.tokens": "AUTH_TOKEN opens /mcp, BRIDGE_TOKEN opens /bridge, and neither the other.",
  "access.browsers": "Host and Origin are checked: a web page elsewhere cannot use the orchestrator of this machine.",
  "endpoints.health": "/livez, /readyz and /metrics answer.",
  "start.ready": "npm start shows progress, then the URL, a table of servers and the claude mcp add line.",
  "start.port": "PORT moves it; a taken port is a clear error with the way out.",
  "sandbox.hostile":
    "Whatever a program wants without end, it ends with the right code within its time and 1.5 s, and harms nobody.",
  "sandbox.innocent":
    "Programs that were lost with another's process run again when they had called nothing, else end with an honest ledger.",
  "sandbox.memory": "A process over its memory bound is replaced, and so is one that has run enough programs.",
  "limits.in-flight": "A run has so many calls under way at once and not one more.",
  "start.stop": "Ctrl-C, SIGTERM and kill -9 leave no process behind, and it starts again.",
  "start.sandbox": "A program that freezes its process ends with cpu_limit, and the process is replaced.",
  "login.address":
    "A remote server that asks for a login is auth_required with an address in list, describe and errors; nothing is connected to for it.",
  "login.works": "Opening the address finishes the login, and the next call works.",
  "login.client": "The orchestrator registers itself, is a document of its own, or is the client that the registry names.",
  "login.one-refresh": "Parallel calls that meet an expired token renew it once; no code and no refresh token is redeemed twice.",
  "login.sealed": "Tokens are encrypted at rest with a key from a secret, survive restarts, and stand nowhere in the clear.",
  "login.forged": "A ticket, a state or a return that is forged, foreign, replayed or late is refused and changes nothing.",
  "login.forgotten": "An entry that goes, moves or names another client loses its login; a mistake in the file logs nobody out.",
  "claude-code": "claude mcp add and list show it connected, and the plugin validates strictly.",
  "core.anywhere": "core runs the whole flow without any platform and imports none.",
  "main-job": "Three zones in parallel and a search through a repository come back as one small object from one call.",
  "questions.asked":
    "A server that asks reaches the person at a client of 2026-07-28, which is told who asks, and the program goes on with the answer.",
  "questions.unasked": "Where nobody can be asked, the call fails as approval_required with what was asked and what to do.",
  "questions.time": "While a person thinks the time of run, program and call stands still, and not for longer than ten minutes.",
  "questions.token":
    "A waiting run is found by an unguessable token, once, and only in its own session; a wrong one is told what to do.",
  "questions.not-offered":
    "A server that wants this client's model or its roots is refused in words, and the run is not disturbed.",
  faults:
    "Whatever ends while programs run: every call has an outcome, none is made twice, values and catalog stay, no process is left, and the next run works without a hand.",
  secrets: "A secret's value appears in no log, answer, error, storage or isolate, whatever its server says.",
  "stateful.browser":
    "What a program leaves open in a browser the next one finds; its loss is told once, and no browser is left behind.",
};
