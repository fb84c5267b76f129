import { type AnnouncedRegistry, createSessionRegistry } from "../core/announcement.ts";
import { createOrchestrator, type Orchestrator } from "../core/orchestrator.ts";
import type { Clock } from "../core/ports.ts";
import { type Env, environmentOf, isLocal } from "./env.ts";
import { registryOf } from "./registry.ts";
import { createSandboxHost, type SandboxHost } from "./sandbox/host.ts";
import { type Process, processApart, processHere } from "./sandbox/processes.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import { createTypeChecker } from "./sandbox/type-checker.ts";
import { createSqliteStore } from "./storage/sqlite.ts";
import { HttpServers } from "./upstream/http.ts";
import { routeUpstream } from "./upstream/router.ts";
import { Tunnel } from "./upstream/tunnel.ts";

/** Everything one session runs on, put together in one place. */
export interface Composition {
  /** Another one after the registry changed; runs under way end on the one they began with. */
  readonly orchestrator: Orchestrator;
  tunnel: Tunnel;
}

/** A bridge is there, with another registry than before or the same. */
type OnBridge = (bridge: { isChanged: boolean }) => void;

export function compose(env: Env, { ctx, onBridge }: { ctx: DurableObjectState; onBridge: OnBridge }): Composition {
  const onToolsChanged = (id: string) => ctx.waitUntil(orchestrator.toolsChanged(id));
  const store = createSqliteStore(ctx.storage);
  const tunnel = new Tunnel({
    sockets: () => ctx.getWebSockets(),
    store,
    newRequestId: () => crypto.randomUUID(),
    onBridge: (announced) => {
      onBridge({ isChanged: announced !== undefined && takeRegistry(announced) });
    },
    onToolsChanged,
  });
  const host = env.SANDBOX_HOST === undefined ? undefined : createSandboxHost(env.SANDBOX_HOST);
  const remote = new HttpServers(environmentOf(env), { onToolsChanged });
  const registry = createSessionRegistry({ own: registryOf(env), store, takesRemote: isLocal(env) });
  const shared = {
    upstream: routeUpstream({ stdio: tunnel, remote }),
    sandbox: createSandbox(processesOf(env, host)),
    typeChecker: createTypeChecker({ binding: env.COMPILER, host }),
    store,
    clock: systemClock,
    random: Math.random,
    newHandle: () => `r_${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`,
  };
  let orchestrator: Orchestrator = createOrchestrator({ ...shared, registry: registry.current() });

  function takeRegistry(announced: AnnouncedRegistry): boolean {
    const moved = registry.take(announced);
    if (moved === undefined) return false;
    for (const id of moved) remote.drop(id);
    orchestrator = createOrchestrator({ ...shared, registry: registry.current() });
    return true;
  }

  return {
    get orchestrator() {
      return orchestrator;
    },
    tunnel,
  };
}

/** Under `npm start` programs run apart; else right here, one hop less away. */
function processesOf({ SANDBOX, SANDBOX_SPARE, LOADER }: Env, host: SandboxHost | undefined): Map<string, Process> {
  if (host && SANDBOX && SANDBOX_SPARE) {
    return new Map([
      ["sandbox", processApart(SANDBOX, host)],
      ["spare", processApart(SANDBOX_SPARE, host)],
    ]);
  }
  if (LOADER === undefined) throw new Error("wrangler.toml binds neither LOADER nor a sandbox");
  return new Map([["here", processHere(LOADER)]]);
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};
