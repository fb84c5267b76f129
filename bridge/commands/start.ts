import { resolve } from "node:path";
import { z } from "zod";
import { refuseInsideBridge } from "../bridge-mark.ts";
import { systemClock } from "../clock.ts";
import { readStartRecord } from "../local/start-record.ts";
import { tunnelAddress } from "../tunnel/address.ts";
import { identify } from "../tunnel/bridge-identity.ts";
import type { Command } from "./command.ts";
import { onlyOption, openRegistry, RegistryOptions, registryOption, scriptsOption } from "./open-registry.ts";
import { serve } from "./serve.ts";

const Options = RegistryOptions.extend({ url: z.string(), session: z.string().optional(), scripts: z.string().optional() });

export const start: Command = {
  name: "start",
  summary: "connect this machine's stdio servers to a Worker, until Ctrl-C",
  options: [
    { flags: "--url <url>", description: "the Worker, such as https://mcp.example.workers.dev", isRequired: true },
    { flags: "--session <name>", description: "the session to serve (default: the default session)" },
    registryOption,
    scriptsOption,
    onlyOption,
  ],
  notes: [
    "The token is read from BRIDGE_TOKEN. For npm start on this machine, token and registry are found without being named. Changes to the registry take effect at once.",
    "Exits with 0 on Ctrl-C, with 1 when the Worker refuses the bridge for good.",
  ],
  examples: [
    "BRIDGE_TOKEN=… mcp-bridge start --url https://mcp.example.workers.dev",
    "mcp-bridge start --url http://127.0.0.1:8787 --only time,grep",
  ],
  async run({ options, world }) {
    refuseInsideBridge(world.environment);
    const { url, session, scripts, ...registryOptions } = Options.parse(options);
    const address = tunnelAddress({ url, session });
    const local = await readStartRecord(world, address);
    const registry = registryOptions.registry ?? local?.registry;
    const opened = await openRegistry(world, { ...registryOptions, ...(registry !== undefined && { registry }), url });
    return await serve({
      world,
      opened,
      isWhole: false,
      scripts: scripts === undefined ? undefined : resolve(world.workingDirectory, scripts),
      address,
      // An empty variable counts as unset: `BRIDGE_TOKEN= mcp-bridge …`.
      token: world.environment("BRIDGE_TOKEN") || local?.bridgeToken,
      identity: identify({ registryPath: opened.registry.absolutePath, only: registryOptions.only, isWhole: false }),
      clock: systemClock,
      random: Math.random,
    });
  },
};
