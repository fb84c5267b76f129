import { createTraffic } from "../core/calls/quota.ts";
import { createOrchestrator, type Orchestrator } from "../core/orchestrator.ts";
import type { ServerEntry } from "../core/registry/registry.ts";
import { createSessionRegistry } from "../core/registry/session-registry.ts";
import { isLocal, type SessionEnv } from "./bindings.ts";
import { systemClock } from "./clock.ts";
import { registryOf } from "./registry.ts";
import { compilerProcess } from "./sandbox/compiler/compiler-process.ts";
import { createProgramReader } from "./sandbox/compiler/program-reader.ts";
import { createSandboxHost, type SandboxHost } from "./sandbox/host.ts";
import { type Process, processApart, processHere } from "./sandbox/processes.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import { environmentOf, oauthKeyOf } from "./settings.ts";
import { createSqliteStore } from "./storage/sqlite.ts";
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
  tunnel: Tunnel;
  /** The browser opened a login link. */
  beginLogin(ticket: LoginTicket): Promise<LoginBegun>;
  /** The browser returned from the authorization server. */
  finishLogin(attempt: string, returned: LoginReturn): Promise<LoginFinished>;
}

interface ComposeOptions {
  ctx: DurableObjectState;
  onBridge: OnBridge;
  /** The origin under which this orchestrator was last called. */
  origin: () => string | undefined;
}

/** A bridge connected, or the session's registry changed: `changed` are the servers that are new in it or have another entry. */
type OnBridge = (bridge: { isArrival: boolean; changed: ReadonlySet<string> }) => void;

export function compose(env: SessionEnv, { ctx, onBridge, origin }: ComposeOptions): Composition {
  const onToolsChanged = (id: string) => ctx.waitUntil(orchestrator.toolsChanged(id));
  const store = createSqliteStore(ctx.storage);
  const tunnel = new Tunnel({
    sockets: () => ctx.getWebSockets(),
    store,
    newRequestId: () => crypto.randomUUID(),
    session: () => ({ name: sessionNameOf(ctx.id.name), origin: origin() }),
    clock: systemClock,
    onBridges: (change) => {
      const changed = updateRegistry(change);
      if (change.isArrival || changed.size > 0) onBridge({ isArrival: change.isArrival, changed });
    },
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
    clock: systemClock,
    origin,
  });
  const upstream = new SessionUpstream({
    tunnel,
    environment: environmentOf(env),
    reachesInside: isLocal(env),
    clock: systemClock,
    store,
    loginOf: (server) => logins.of(server),
    onToolsChanged,
  });
  const registry = createSessionRegistry({ own: registryOf(env), store, keys: tunnel.bridgeKeys(), takesRemote: isLocal(env) });
  logins.keepOnly(registry.current());
  const shared = {
    upstream,
    sandbox: createSandbox(processesOf(env, host), { session }),
    reader: createProgramReader({ binding: env.COMPILER, process: host && compilerProcess(host), clock: systemClock }),
    store,
    traffic: createTraffic(),
    failures: new Map(),
    clock: systemClock,
    random: Math.random,
    newHandle: () => `r_${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`,
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
    tunnel,
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

/** The part of `<principal>/<session>` that addresses name; undefined for the default session, which they do not. */
function sessionNameOf(objectName: string | undefined): string | undefined {
  const name = objectName?.split("/").at(1);
  return name === "default" ? undefined : name;
}

/** Under `npm start` programs run in separate processes; otherwise in this one, which saves a hop. */
function processesOf({ SANDBOX, SANDBOX_SPARE, LOADER }: SessionEnv, host: SandboxHost | undefined): Map<string, Process> {
  if (host && SANDBOX && SANDBOX_SPARE) {
    return new Map([
      ["sandbox", processApart("sandbox", { binding: SANDBOX, host })],
      ["spare", processApart("spare", { binding: SANDBOX_SPARE, host })],
    ]);
  }
  if (LOADER === undefined) throw new Error("wrangler.toml binds neither LOADER nor a sandbox");
  return new Map([["here", processHere(LOADER)]]);
}
