import { createOrchestrator, type Orchestrator } from "../core/orchestrator.ts";
import type { Clock } from "../core/ports.ts";
import { type Env, environmentOf } from "./env.ts";
import { registryOf } from "./registry.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import { createTypeChecker } from "./sandbox/type-checker.ts";
import { createSqliteStore } from "./storage/sqlite.ts";
import { HttpServers } from "./upstream/http.ts";
import { routeUpstream } from "./upstream/router.ts";
import { Tunnel } from "./upstream/tunnel.ts";

/** Everything one session runs on, put together in one place. */
export interface Composition {
  orchestrator: Orchestrator;
  tunnel: Tunnel;
}

export function compose(env: Env, { ctx, onBridge }: { ctx: DurableObjectState; onBridge: () => void }): Composition {
  const tunnel = new Tunnel({
    sockets: () => ctx.getWebSockets(),
    newRequestId: () => crypto.randomUUID(),
    onBridge,
  });
  const orchestrator = createOrchestrator({
    registry: registryOf(env),
    upstream: routeUpstream({ stdio: tunnel, remote: new HttpServers(environmentOf(env)) }),
    sandbox: createSandbox(env.SANDBOX),
    typeChecker: createTypeChecker(env.SANDBOX),
    store: createSqliteStore(ctx.storage),
    clock: systemClock,
    newHandle: () => `r_${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`,
  });
  return { orchestrator, tunnel };
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};
