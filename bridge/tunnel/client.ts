import type { Clock } from "../../core/clock.ts";
import type { AdvertisedRegistry } from "../../core/registry/advertised-registry.ts";
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
  /** How this bridge identifies itself to the Worker. */
  identity: BridgeIdentity;
  servers: StdioServers;
  /** What is advertised of the registry, as it is now. */
  registry: () => AdvertisedRegistry;
  log: Log;
  clock: Clock;
  /** From 0 to 1; spreads reconnects. */
  random: () => number;
}

/** Why a tunnel does not connect any more. */
export type TunnelEnd = { kind: "closed" } | { kind: "refused"; message: string };

export interface Tunnel {
  /** Sends a server's new state: now, or with the next hello when the Worker is not connected. */
  sendStatus(server: BridgeServer): void;
  /** Advertises the registry again because it changed: now, or with the next hello. */
  sendRegistry(): void;
  /** Resolves when the tunnel ends for good: `close` was called, or connecting again would not help. Never rejects. */
  readonly ended: Promise<TunnelEnd>;
  /** Connects now instead of at the next attempt, because the Worker is known to be back. Does nothing while connected. */
  dial(): void;
  /** Closes the connection. Requests that are being served are aborted. */
  close(): void;
}

/**
 * Connects to the Worker and serves its requests, and connects again whenever the connection is lost, until it is closed or
 * refused. The Worker can only make the requests of core/tunnel/frames.ts.
 */
export function openTunnel(options: TunnelOptions): Tunnel {
  const tunnel = new TunnelClient(options);
  tunnel.connect();
  return tunnel;
}

class TunnelClient implements Tunnel {
  readonly #options: TunnelOptions;
  readonly #end = Promise.withResolvers<TunnelEnd>();
  #socket: TunnelSocket | undefined;
  #failures = 0;
  #isEnded = false;
  /** Ends the wait for the next attempt; undefined while there is none. */
  #stopReconnect: (() => void) | undefined;

  constructor(options: TunnelOptions) {
    this.#options = options;
  }

  get ended(): Promise<TunnelEnd> {
    return this.#end.promise;
  }

  connect(): void {
    const { address, token, servers, log, clock } = this.#options;
    this.#stopReconnect = undefined;
    this.#socket = new TunnelSocket({
      address,
      token,
      servers,
      log,
      clock,
      onOpen: () => this.#sendHello(),
      onMessage: () => (this.#failures = 0),
      onLost: (loss) => this.#onLost(loss),
    });
  }

  sendStatus(server: BridgeServer): void {
    this.#socket?.send({ type: "server_status", server });
  }

  sendRegistry(): void {
    const { registry, servers } = this.#options;
    this.#socket?.send({ type: "registry", registry: registry(), servers: servers.status() });
  }

  dial(): void {
    if (this.#stopReconnect === undefined || this.#isEnded) return;
    this.#stopReconnect();
    this.connect();
  }

  close(): void {
    this.#finish({ kind: "closed" });
    this.#socket?.close();
  }

  #sendHello(): void {
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
    this.#stopReconnect = clock.after(retryMs, () => this.connect());
  }

  #finish(end: TunnelEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopReconnect?.();
    this.#end.resolve(end);
  }
}
