import { resolve } from "node:path";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { instructionsFor } from "../../core/discovery/instructions.ts";
import { declaresSkills } from "../../core/mcp/skills.ts";
import { refuseInsideBridge } from "../bridge-mark.ts";
import { homeOf } from "../home.ts";
import { findStack } from "../local/found-stack.ts";
import { defaultPort } from "../local/local-url.ts";
import { type Command, versionOf, type World } from "./command.ts";
import { openRegistry, registryOption } from "./open-registry.ts";
import { addressOf, endpointOf, type OrchestratorAddress, openOrchestrator } from "./orchestrator-client.ts";
import { createRelay, type RelayEndpoint, type RelayOptions } from "./stdio-relay.ts";

const Options = z.object({
  registry: z.string().optional(),
  session: z.string().optional(),
  url: z.string().optional(),
  skills: z.boolean().default(false),
  address: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

export const stdio: Command = {
  name: "stdio",
  summary: "be an MCP server on standard input and output, for clients that start their servers",
  options: [
    registryOption,
    { flags: "--session <name>", description: "the session to work in (default: the default session)" },
    { flags: "--url <url>", description: "an orchestrator elsewhere, with its token in AUTH_TOKEN" },
    { flags: "--skills", description: "offer saved programs as skills, also to a client that does not say that it knows them" },
    { flags: "--address", description: "print address and token as a line of JSON instead, and hold the orchestrator meanwhile" },
  ],
  notes: [
    "Uses the orchestrator of this user that runs on PORT (default 8787), or starts one. What it started ends with the last client",
    "that uses it. With another registry than that of the running one, it starts one of its own on a free port.",
  ],
  examples: [
    "claude mcp add orchestrator -- npx -y mcp-dynamic-orchestrator stdio",
    "mcp-bridge stdio --registry my.registry.json",
  ],
  async run({ options: given, world: commandWorld }) {
    refuseInsideBridge(commandWorld.environment);
    const options = Options.parse(given);
    const closed = new AbortController();
    for (const event of ["end", "close", "error"]) process.stdin.once(event, () => closed.abort());
    const world = { ...commandWorld, signal: AbortSignal.any([commandWorld.signal, closed.signal]) };
    const ended = new Promise<void>((resolveEnd) => world.signal.addEventListener("abort", () => resolveEnd(), { once: true }));
    using endpoints = await createEndpoints(world, options);
    if (options.address) {
      process.stdin.resume();
      const { url, authToken } = await endpoints.find();
      world.print(JSON.stringify({ url: url.href, token: authToken }));
      await ended;
      return 0;
    }
    const relay = { version: versionOf(world.projectRoot), instructions: endpoints.instructions, endpoint: endpoints.find };
    let showsSkills = options.skills;
    // Started before it is needed: the handshake does not wait for it, the first call does.
    void endpoints.find().catch((error: unknown) => world.writeStderr(`${error instanceof Error ? error.message : error}\n`));
    const transport = new StdioServerTransport();
    const served = serveStdio(() => createRelay({ ...relay, showsSkills: () => showsSkills }), { transport });
    const receive = transport.onmessage;
    transport.onmessage = (message) => {
      if (!showsSkills && "params" in message) showsSkills = declaresSkills(message.params);
      receive?.(message);
    };
    await ended;
    await served.close();
    // A signal ended it, and the client still holds the other end.
    process.stdin.destroy();
    return 0;
  },
};

interface Endpoints extends Disposable {
  find: RelayOptions["endpoint"];
  instructions: () => Promise<string>;
}

async function createEndpoints(world: World, options: Options): Promise<Endpoints> {
  if (options.url !== undefined) return remoteEndpoints(world, await addressOf(world, options));
  const { registry } = await openRegistry(world, { registry: options.registry });
  const { session, registry: file } = options;
  const stackOptions = {
    ...{ place: world, port: Number(world.environment("PORT") || defaultPort), signal: world.signal },
    registry: file === undefined ? homeOf(world).registry : resolve(world.workingDirectory, file),
    ...{ isNamed: file !== undefined, workingDirectory: world.workingDirectory },
  };
  const find = async (): Promise<HeldEndpoint> => {
    const stack = await findStack(stackOptions);
    const { url, authToken } = stack;
    return { url: endpointOf({ url, session, authToken }), authToken, [Symbol.dispose]: () => stack[Symbol.dispose]() };
  };
  let finding: Promise<HeldEndpoint> | undefined;
  return {
    async find(failed) {
      const held = await finding?.catch(() => undefined);
      // Of several calls that failed with it, the first one looks for another.
      if (held === undefined || held === failed) {
        if (held !== undefined) finding = undefined;
        held?.[Symbol.dispose]();
        finding ??= find();
      }
      try {
        return await (finding ?? find());
      } catch (error) {
        // What was wrong may be mended by the next call.
        finding = undefined;
        throw error;
      }
    },
    instructions: async () => instructionsFor(registry),
    [Symbol.dispose]: () => void finding?.then((held) => held[Symbol.dispose]()).catch(() => undefined),
  };
}

type HeldEndpoint = RelayEndpoint & Disposable;

function remoteEndpoints(world: World, address: OrchestratorAddress): Endpoints {
  return {
    find: async () => ({ url: endpointOf(address), authToken: address.authToken }),
    async instructions() {
      const client = await openOrchestrator(address, world.signal);
      const instructions = client.getInstructions() ?? "";
      await client.close();
      return instructions;
    },
    [Symbol.dispose]: () => {},
  };
}
