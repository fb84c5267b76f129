import { z } from "zod";

const stringMap = z.record(z.string(), z.string());

export const StdioTransport = z.strictObject({
  transport: z.literal("stdio"),
  command: z.string().min(1).describe("Program started by the bridge, found on its PATH. Never sent over the network."),
  args: z.array(z.string()).default([]),
  env: stringMap
    .default({})
    .describe("Added to a minimal environment. ${env:NAME} and ${env:NAME:-default} are resolved by the bridge."),
  cwd: z.string().optional().describe("Working directory; relative paths start at the folder of the project."),
});
export type StdioTransport = z.infer<typeof StdioTransport>;

const remote = {
  url: z.string().min(1).describe("Where the server listens. ${env:NAME} is resolved from the Worker's secrets."),
  headers: stringMap.default({}).describe("Sent with every request. ${env:NAME} is resolved from the Worker's secrets."),
};

export const HttpTransport = z.strictObject({ transport: z.literal("http"), ...remote });
export const SseTransport = z.strictObject({ transport: z.literal("sse"), ...remote });
export type RemoteTransport = z.infer<typeof HttpTransport> | z.infer<typeof SseTransport>;

/**
 * A stdio server as a Worker knows it from a bridge. The command stays on the bridge's machine; `mark` is an opaque text that is
 * another when the command is another.
 */
export interface BridgeTransport {
  transport: "bridge";
  mark: string;
}

/** A server that the orchestrator is itself. Nothing is started and nothing is called over a network. */
export interface BuiltInTransport {
  transport: "built_in";
}
