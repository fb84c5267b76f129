import { z } from "zod";
import { limits } from "../limits.ts";
import { FileEntry, isReachedByBridge, type Registry } from "./registry.ts";
import { scriptLimits } from "./script-limits.ts";
import { HttpTransport, SseTransport, type StdioTransport } from "./transports.ts";

/*
 * What a bridge advertises of its registry file to the Worker: which servers there are and what they are for, never what is
 * started. Command, arguments, folder and variables stay on the machine of the bridge; a mark stands in their place.
 */

/** On the wire this is still called stdio (docs/tunnel.md). The schema is strict, so a command cannot slip through. */
const AdvertisedProcess = z.strictObject({ transport: z.literal("stdio"), mark: z.string().max(64) });

const AdvertisedServer = FileEntry.extend({
  mcp: z.discriminatedUnion("transport", [AdvertisedProcess, HttpTransport, SseTransport]),
});
export type AdvertisedServer = z.infer<typeof AdvertisedServer>;

const Scripts = z
  .record(z.string().max(limits.filePathCharsMax), z.string())
  .refine((files) => Object.keys(files).length <= scriptLimits.filesMax, "too many scripts")
  .refine((files) => Object.values(files).reduce((sum, text) => sum + text.length, 0) <= scriptLimits.charsMax, "too long");

export const AdvertisedRegistry = z.strictObject({
  /** It stands for the Worker's own registry, remote servers included. */
  isWhole: z.boolean(),
  servers: z.array(AdvertisedServer),
  problems: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  /** With `isWhole`: the file, as messages name it. */
  source: z.string().max(limits.registrySourceCharsMax).optional(),
  /** The files of scripts/ beside it, by their path there. */
  scripts: Scripts.optional(),
});
export type AdvertisedRegistry = z.infer<typeof AdvertisedRegistry>;

/**
 * What a bridge advertises of its file. Remote servers are called by the Worker, which has a registry of its own for them: they
 * are left out unless the file is to stand for that.
 *
 * @param markOf a short text that is another whenever what is started is another
 */
export function advertise(
  { servers, problems, source, scripts }: Registry<FileEntry>,
  { markOf, isWhole }: { markOf: (mcp: StdioTransport) => string; isWhole: boolean },
): AdvertisedRegistry {
  const advertised = servers.filter((server) => isWhole || isReachedByBridge(server));
  return {
    isWhole,
    servers: advertised.map((server) => withoutCommand(server, markOf)),
    problems,
    ...(isWhole && source !== undefined && { source: source.slice(-limits.registrySourceCharsMax) }),
    ...(scripts && Object.keys(scripts).length > 0 && { scripts }),
  };
}

function withoutCommand({ mcp, ...entry }: FileEntry, markOf: (mcp: StdioTransport) => string): AdvertisedServer {
  switch (mcp.transport) {
    case "stdio":
      return { ...entry, mcp: { transport: "stdio", mark: markOf(mcp) } };
    case "http":
    case "sse":
      return { ...entry, mcp };
  }
}
