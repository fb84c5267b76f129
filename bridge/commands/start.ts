import { hostname } from "node:os";
import { z } from "zod";
import { systemClock } from "../clock.ts";
import type { Command, World } from "../command.ts";
import { onlyOption, openRegistry, openServers, RegistryOptions, registryOption } from "../command-registry.ts";
import type { RegistryFile } from "../registry-file.ts";
import { tunnelAddress } from "../tunnel-address.ts";
import { openTunnel, type Tunnel } from "../tunnel-client.ts";

const Options = RegistryOptions.extend({ url: z.string(), session: z.string().optional() });

export const start: Command = {
  name: "start",
  summary: "connect this machine's stdio servers to a Worker, until Ctrl-C",
  options: [
    { flags: "--url <url>", description: "the Worker, such as https://mcp.example.workers.dev", isRequired: true },
    { flags: "--session <name>", description: "the session to serve; the default one when left out" },
    registryOption,
    onlyOption,
  ],
  examples: [
    "BRIDGE_TOKEN=… mcp-bridge start --url https://mcp.example.workers.dev",
    "mcp-bridge start --url http://127.0.0.1:8787 --only time,grep",
  ],
  async run({ options, world }) {
    const { url, session, ...registryOptions } = Options.parse(options);
    const address = tunnelAddress({ url, session });
    const registry = await openRegistry(world, registryOptions);
    // An empty variable is one that is not set: `BRIDGE_TOKEN= mcp-bridge …`.
    return await serve({ world, registry, address, token: world.environment("BRIDGE_TOKEN") || undefined });
  },
};

export interface ServeOptions {
  world: World;
  registry: RegistryFile;
  address: URL;
  token: string | undefined;
}

/**
 * Serves a registry's stdio servers to one Worker until the world's signal aborts, which gives 0, or the Worker refuses
 * the bridge for good, which gives 1. No process is left either way.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { world, registry, address, token } = options;
  let tunnel: Tunnel | undefined;
  const servers = openServers(world, registry, (server) => {
    world.log({ event: "server_status", server });
    tunnel?.announce(server);
  });
  tunnel = openTunnel({
    address,
    token,
    bridgeName: hostname(),
    servers,
    log: world.log,
    clock: systemClock,
    random: Math.random,
  });
  const hangUp = (): void => tunnel.close();
  world.signal.addEventListener("abort", hangUp, { once: true });
  if (world.signal.aborted) hangUp();
  try {
    const end = await tunnel.ended;
    return end.kind === "closed" ? 0 : 1;
  } finally {
    world.signal.removeEventListener("abort", hangUp);
    await servers.close();
  }
}
