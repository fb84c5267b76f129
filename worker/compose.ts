import { createHash } from "node:crypto";
import { type BuiltInServer, withBuiltIns } from "../core/built-in/built-in-server.ts";
import { createSystemServer } from "../core/built-in/system-server.ts";
import { createSearchMemory } from "../core/discovery/search-memory.ts";
import { limits } from "../core/limits.ts";
import { createOrchestrator, type Orchestrator } from "../core/orchestrator.ts";
import { createTraffic } from "../core/policy/traffic.ts";
import { createRedact, secretsOf } from "../core/registry/redaction.ts";
import { isReachedByBridge, type ServerEntry } from "../core/registry/registry.ts";
import { createSessionRegistry } from "../core/registry/session-registry.ts";
import { createKeptThings, type KeptThings } from "../core/run/kept-things.ts";
import type { OperatorBounds } from "../core/run/operator-bounds.ts";
import { PausedRuns } from "../core/run/paused-runs.ts";
import { createRunHistory, type RunHistory } from "../core/run/run-history.ts";
import { createSandboxServer } from "../core/sandboxes/sandbox-server.ts";
import { createSessionFiles, type SessionFiles } from "../core/sandboxes/session-files.ts";
import { createSavedTools, type SavedTools } from "../core/saved/saved-tools.ts";
import { createSharedTimer } from "../core/shared-timer.ts";
import { version } from "../package.json";
import { accountOf } from "./account-link.ts";
import { createSessionAudit, type SessionAudit } from "./audit/session-audit.ts";
import { isLocal, type SessionEnv, trailOf } from "./bindings.ts";
import { systemClock } from "./clock.ts";
import { compilerOf } from "./compiler-service.ts";
import { libraryOf } from "./library-link.ts";
import type { OperatorSettings } from "./operator-settings.ts";
import { isCalled } from "./principals.ts";
import { newHandle, newRunId, randomName } from "./random-names.ts";
import { registryOf } from "./registry.ts";
import { runtimeConfig } from "./runtime-config.ts";
import { compilerProcess } from "./sandbox/compiler/compiler-process.ts";
import { createProgramReader } from "./sandbox/compiler/program-reader.ts";
import { createSandboxHost, type SandboxHost } from "./sandbox/host.ts";
import { type Process, processApart, processHere } from "./sandbox/processes.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import { asksForApproval, environmentOf, oauthKeyOf, ownSecretsOf, readSettings, savedModeOf } from "./settings.ts";
import { createSqliteStore } from "./storage/sqlite.ts";
import { createSqliteFiles } from "./storage/sqlite-files.ts";
import { Tunnel } from "./upstream/bridges/tunnel.ts";
import type { BridgesChange } from "./upstream/bridges/tunnel-sockets.ts";
import type { LoginBegun, LoginFinished } from "./upstream/oauth/logins.ts";
import type { LoginReturn } from "./upstream/oauth/protocol.ts";
import type { LoginTicket } from "./upstream/oauth/server-login.ts";
import { createLogins } from "./upstream/oauth/session-logins.ts";
import { SessionUpstream } from "./upstream/upstream.ts";

/** The parts of one session. */
export interface Composition {
  /** Replaced when the registry changes; running programs keep the one they started with. */
  readonly orchestrator: Orchestrator;
  saved: SavedTools;
  tunnel: Tunnel;
  /** An approval of this session has begun to wait for a person, or does not any more. */
  noteApproval(id: string, state: "waits" | "ended"): void;
  files: Pick<SessionFiles, "removeExpired" | "end">;
  kept: KeptThings;
  history: RunHistory;
  paused: PausedRuns;
  /** Whether a bridge of one of these servers is away. */
  isCutOff(ids: ReadonlySet<string>): boolean;
  audit: SessionAudit;
  /** The browser opened a login link. */
  beginLogin(ticket: LoginTicket): Promise<LoginBegun>;
  /** The browser returned from the authorization server. */
  finishLogin(attempt: string, returned: LoginReturn): Promise<LoginFinished>;
}

interface ComposeOptions {
  ctx: DurableObjectState;
  onBridge: OnBridge;
  /** When files expire next. */
  onFilesExpiry: (at: number) => void;
  /** Records of the audit wait here, because they could not be sent. */
  onAuditWaits: () => void;
  /** The origin under which this orchestrator was last called. */
  origin: () => string | undefined;
}

/** A bridge connected, or the session's registry changed: `changed` are the servers that are new in it or have another entry. */
type OnBridge = (bridge: { isArrival: boolean; changed: ReadonlySet<string> }) => void;

export function compose(env: SessionEnv, { ctx, onBridge, onFilesExpiry, onAuditWaits, origin }: ComposeOptions): Composition {
  const onToolsChanged = (id: string) => ctx.waitUntil(orchestrator.toolsChanged(id));
  const clock = createSharedTimer(systemClock);
  const store = createSqliteStore(ctx.storage);
  const tunnel = new Tunnel({
    sockets: () => ctx.getWebSockets(),
    store,
    newRequestId: () => crypto.randomUUID(),
    session: () => ({ name: sessionNameOf(ctx.id.name), origin: origin() }),
    clock,
    onBridges: (change) => {
      const changed = updateRegistry(change);
      if (change.isArrival || changed.size > 0) onBridge({ isArrival: change.isArrival, changed });
    },
    onRefused: (rule) => audit.note({ action: "denial", outcome: "not_started", rule }),
    onToolsChanged,
    onToolsOutdated: (ids) => orchestrator.toolsOutdated(ids),
  });
  const host = env.SANDBOX_HOST === undefined ? undefined : createSandboxHost(env.SANDBOX_HOST);
  const session = ctx.id.name ?? ctx.id.toString();
  const logins = createLogins({
    session,
    key: oauthKeyOf(env),
    environment: environmentOf(env),
    reachesInside: isLocal(env),
    store,
    clock,
    origin,
  });
  const upstream = new SessionUpstream({
    tunnel,
    environment: environmentOf(env),
    reachesInside: isLocal(env),
    clock,
    store,
    loginOf: (server) => logins.of(server),
    onToolsChanged,
  });
  const saved = createSavedTools({
    mode: savedModeOf(env),
    library: libraryOf(env.LIBRARIES, principalIn(session), { isLocal: isLocal(env) }),
    ...{ programs: () => orchestrator.programs, sha256 },
    scripts: () => registry.current().scripts ?? {},
    async onChanged() {
      for (const { entry } of saved.servers) await orchestrator.toolsChanged(entry.id);
    },
  });
  const reader = createProgramReader({ binding: compilerOf(env), process: host && compilerProcess(host), clock });
  const bounds = boundsOf(readSettings(env).operator);
  const account = accountOf(env.ACCOUNTS, session);
  const files = createSessionFiles({
    ...{ store: createSqliteFiles(ctx.storage), values: store, account, session, clock, newId: randomName },
    onExpiry: onFilesExpiry,
    inBackground: (work) => ctx.waitUntil(work),
  });
  const builtIns: readonly BuiltInServer[] = [
    ...saved.servers,
    createSandboxServer({
      ...{ sandboxes: files.sandboxes, reader, bounds, newHandle, clock, random: Math.random },
      sandbox: createSandbox(shellProcessesOf(env, host), { session }),
    }),
    createSystemServer({
      version,
      state: () => ({
        bridges: ctx.getWebSockets().length,
        storageBytes: ctx.storage.sql.databaseSize,
        servers: serversIn(orchestrator.listCapabilities(everyServer)),
      }),
      counts: () => audit.counts(),
      config: () => ({ ...runtimeConfig(env), version }),
      memory: createSearchMemory({ store, clock }),
    }),
  ];
  const registry = createSessionRegistry({
    own: registryOf(env),
    builtIn: builtIns.map(({ entry }) => entry),
    store,
    keys: tunnel.bridgeKeys(),
    takesRemote: isLocal(env),
    isCalled: (name) => isCalled(name, { principal: principalIn(session), jwtIssuer: readSettings(env).jwt?.issuer }),
  });
  logins.keepOnly(registry.current());
  const audit = createSessionAudit({
    ...{ storage: ctx.storage, name: session, clock, newRunId, mode: readSettings(env).operator.auditArguments },
    redact: () => {
      const ofServers = registry.current().servers.flatMap((server) => secretsOf(server, environmentOf(env)));
      return createRedact([...ownSecretsOf(env), ...ofServers]);
    },
    send: (lines) => {
      const state = { name: session, bridges: ctx.getWebSockets().length, bytes: ctx.storage.sql.databaseSize };
      return trailOf(env).append(state, lines);
    },
    waitUntil: (work) => ctx.waitUntil(work),
    onFailure: onAuditWaits,
  });
  const shared = {
    upstream: withBuiltIns(upstream, builtIns),
    sandbox: createSandbox(processesOf(env, host), { session }),
    reader,
    store,
    files: files.files,
    traffic: createTraffic({
      clock,
      account,
      holder: { session, life: crypto.randomUUID() },
      inBackground: (work) => ctx.waitUntil(work),
    }),
    failures: new Map(),
    asksForApproval: asksForApproval(env),
    savedUse: saved.used,
    clock,
    sha256,
    random: Math.random,
    bounds,
    newHandle,
  };
  let orchestrator: Orchestrator = createOrchestrator({ ...shared, registry: registry.current() });

  function updateRegistry({ keys, advertised }: BridgesChange): Set<string> {
    const before = new Map(registry.current().servers.map((server) => [server.id, JSON.stringify(server)]));
    const moved = registry.update({ keys, advertised });
    if (moved === undefined) return new Set();
    for (const id of moved) {
      upstream.drop(id);
      logins.drop(id);
    }
    logins.keepOnly(registry.current());
    orchestrator = createOrchestrator({ ...shared, registry: registry.current() });
    const changed = registry.current().servers.filter((server) => before.get(server.id) !== JSON.stringify(server));
    return new Set(changed.map(({ id }) => id));
  }

  return {
    get orchestrator() {
      return orchestrator;
    },
    saved,
    tunnel,
    noteApproval: (id, state) => ctx.waitUntil(account.noteApproval(session, { id, state }).catch(() => undefined)),
    files,
    kept: createKeptThings({ store, workspaces: files.files.workspaces, clock }),
    history: createRunHistory({ store, clock }),
    isCutOff: (ids) =>
      registry
        .current()
        .servers.filter((server) => ids.has(server.id) && isReachedByBridge(server))
        .some((server) => upstream.reachability(server).status === "bridge_offline"),
    paused: new PausedRuns({ store, clock, sha256 }),
    audit,
    beginLogin: ({ server, ...ticket }) => logins.begin(findEntry(server), ticket),
    async finishLogin(attempt, returned) {
      const answer = await logins.finish(attempt, { ...returned, servers: registry.current().servers });
      if (answer.kind === "logged_in") {
        // An existing connection was made without this login.
        upstream.drop(answer.server);
        onToolsChanged(answer.server);
      }
      return answer;
    },
  };

  function findEntry(id: string): ServerEntry | undefined {
    return registry.current().servers.find((server) => server.id === id);
  }
}

/** The part of `<principal>/<session>` before the slash. */
function principalIn(objectName: string): string {
  return objectName.split("/")[0] ?? objectName;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const everyServer = { visibility: ["default", "opt_in", "experimental"], limit: limits.listServersMax, detail: "minimal" };

function serversIn(listing: ReturnType<Orchestrator["listCapabilities"]>): { id: string; status: string }[] {
  return "servers" in listing ? listing.servers.map(({ id, status }) => ({ id, status })) : [];
}

function boundsOf({ runMsMax, callsPerRunMax, resultBytesMax }: OperatorSettings): OperatorBounds {
  return { runMs: runMsMax, callsPerRun: callsPerRunMax, resultBytes: resultBytesMax };
}

/** The part of `<principal>/<session>` that addresses name; undefined for the default session, which they do not. */
function sessionNameOf(objectName: string | undefined): string | undefined {
  const name = objectName?.split("/").at(1);
  return name === "default" ? undefined : name;
}

/** Under `npm start` programs run in separate processes; otherwise in this one, which saves a hop. */
function processesOf(
  { SANDBOX, SANDBOX_SPARE, LOADER, ASSETS }: SessionEnv,
  host: SandboxHost | undefined,
): Map<string, Process> {
  if (host && SANDBOX && SANDBOX_SPARE) {
    return new Map([
      ["sandbox", processApart("sandbox", { binding: SANDBOX, host })],
      ["spare", processApart("spare", { binding: SANDBOX_SPARE, host })],
    ]);
  }
  return processesHere(LOADER, ASSETS);
}

/** A program of a sandbox session is not in the process of the program that waits for it: stopping it there would stop both. */
function shellProcessesOf({ SANDBOX_SHELL, LOADER, ASSETS }: SessionEnv, host: SandboxHost | undefined): Map<string, Process> {
  if (host && SANDBOX_SHELL) return new Map([["shell", processApart("shell", { binding: SANDBOX_SHELL, host })]]);
  return processesHere(LOADER, ASSETS);
}

function processesHere(loader: WorkerLoader | undefined, assets: Fetcher | undefined): Map<string, Process> {
  if (loader === undefined) throw new Error("wrangler.toml binds neither LOADER nor a sandbox");
  return new Map([["here", processHere(loader, assets)]]);
}
