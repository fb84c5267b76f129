import type { Clock } from "../../core/clock.ts";
import type { AnnouncedRegistry } from "../../core/registry/session-registry.ts";
import { type BridgeServer, tunnelVersion } from "../../core/tunnel/frames.ts";
import type { Log } from "../log.ts";
import type { StdioServers } from "../stdio/servers.ts";
import { backoffMs } from "./backoff.ts";
import type { BridgeIdentity } from "./bridge-identity.ts";
import { type Loss, TunnelSocket } from "./socket.ts";

export interface TunnelOptions {
  /** From tunnelAddress. */
  address: URL;
  /** Absent where the Worker asks for none. */
  token: string | undefined;
  /** Who this bridge is to the Worker. */
  identity: BridgeIdentity;
  servers: StdioServers;
  /** What the Worker is told of the registry, as it is now. */
  registry: () => AnnouncedRegistry;
  log: Log;
  clock: Clock;
  /** From 0 to 1; spreads reconnects. */
  random: () => number;
}

/** How a tunnel ended for good. */
export type TunnelEnd = { kind: "closed" } | { kind: "refused"; message: string };

export interface Tunnel {
  /** Tells the Worker of a server's new state: now, or with the next hello when it is not connected. */
  announce(server: BridgeServer): void;
  /** Tells it that the registry changed, in the same way. */
  announceRegistry(): void;
  /** Resolves when the tunnel ends for good: `close` was called, or dialling again would not help. Never rejects. */
  readonly ended: Promise<TunnelEnd>;
  /** Hangs up. Requests that are being served are aborted. */
  close(): void;
}

/**
 * Dials the Worker and serves its requests, again and again, until it is closed or refused. The Worker can ask for
 * what core/tunnel/frames.ts describes and for nothing else.
 */
export function openTunnel(options: TunnelOptions): Tunnel {
  const tunnel = new TunnelClient(options);
  tunnel.dial();
  return tunnel;
}

class TunnelClient implements Tunnel {
  readonly #options: TunnelOptions;
  readonly #end = Promise.withResolvers<TunnelEnd>();
  #socket: TunnelSocket | undefined;
  #failures = 0;
  #isEnded = false;
  #stopRedial: () => void = () => {};

  constructor(options: TunnelOptions) {
    this.#options = options;
  }

  get ended(): Promise<TunnelEnd> {
    return this.#end.promise;
  }

  dial(): void {
    const { address, token, servers, log, clock } = this.#options;
    this.#socket = new TunnelSocket({
      address,
      token,
      servers,
      log,
      clock,
      onOpen: () => this.#greet(),
      onHeard: () => (this.#failures = 0),
      onLost: (loss) => this.#onLost(loss),
    });
  }

  announce(server: BridgeServer): void {
    this.#socket?.send({ type: "server_status", server });
  }

  announceRegistry(): void {
    const { registry, servers } = this.#options;
    this.#socket?.send({ type: "registry", registry: registry(), servers: servers.status() });
  }

  close(): void {
    this.#finish({ kind: "closed" });
    this.#socket?.close();
  }

  #greet(): void {
    const { address, identity, servers, registry, log } = this.#options;
    const states = servers.status();
    const { key, instance, machine } = identity;
    const hello = { type: "hello", version: tunnelVersion, key, instance, bridge: machine } as const;
    this.#socket?.send({ ...hello, servers: states, registry: registry() });
    log({ event: "tunnel_connected", url: address.href, servers: states.length });
  }

  #onLost(loss: Loss): void {
    if (this.#isEnded) return;
    const { clock, log, random } = this.#options;
    if (loss.isFinal) {
      log({ event: "tunnel_ended", reason: loss.reason });
      this.#finish({ kind: "refused", message: loss.reason });
      return;
    }
    this.#failures++;
    const retryMs = backoffMs(this.#failures, random());
    log({ event: "tunnel_lost", reason: loss.reason, retryMs });
    this.#stopRedial = clock.after(retryMs, () => this.dial());
  }

  #finish(end: TunnelEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopRedial();
    this.#end.resolve(end);
  }
}
