import { UpstreamError } from "../../../core/errors.ts";
import { type Environment, interpolate, interpolateRecord } from "../../../core/registry/interpolation.ts";
import { remoteTransportOf, type ServerEntry } from "../../../core/registry/registry.ts";
import type { RemoteTransport } from "../../../core/registry/transports.ts";
import { placeOf, refusalOf } from "./transport/address.ts";

/** An entry's URL and headers with references resolved. Read at each connect, so that secrets are not kept longer than needed. */
export interface RemoteEntry {
  transport: "http" | "sse";
  url: URL;
  headers: Record<string, string>;
}

/** @throws UpstreamError `server_unavailable`, not sent, that says what to set or correct */
export function readRemoteEntry(server: ServerEntry, environment: Environment): RemoteEntry {
  const mcp = remoteOf(server);
  const missing = missingSecrets(server, environment);
  if (missing !== undefined) throw notReachable(server, missing);
  const address = interpolate(mcp.url, environment).value;
  if (!URL.canParse(address)) throw notReachable(server, "Its url in the registry is not a valid address.");
  const headers = readHeaders(server, interpolateRecord(mcp.headers, environment).value);
  return { transport: mcp.transport, url: new URL(address), headers };
}

/**
 * Whether addresses that the server itself names, in redirects or for its login, may be on this machine or its network: only if the
 * server is there too, so that a server on the internet cannot make the Worker call internal addresses.
 *
 * @param reachesInside whether the registry may name such addresses
 * @throws UpstreamError `server_unavailable`, not sent, when its own address is not allowed
 */
export function mayNameInside(server: ServerEntry, { url }: RemoteEntry, { reachesInside }: { reachesInside: boolean }): boolean {
  const refusal = refusalOf(url, { mayReachInside: reachesInside });
  if (refusal !== undefined) throw notReachable(server, `It ${refusal}`);
  return reachesInside && placeOf(url) === "inside";
}

/** Asks for the secrets that the entry refers to and that are not set; undefined when all are. */
export function missingSecrets(server: ServerEntry, environment: Environment): string | undefined {
  const { url, headers } = remoteOf(server);
  const missing = [...interpolate(url, environment).missing, ...interpolateRecord(headers, environment).missing];
  if (missing.length === 0) return undefined;
  return `Set ${[...new Set(missing)].join(", ")} as a Worker secret (locally in .dev.vars).`;
}

/** Validated here because the runtime's own error would repeat the value, which may be a secret. */
function readHeaders(server: ServerEntry, values: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    // A secret that was set from a file often ends with a line break.
    const text = value.trim();
    if (!isHeader(name, text))
      throw notReachable(
        server,
        `Its header "${name}" in the registry cannot be sent: it contains a line break or another character that a header must not have.`,
      );
    // A header whose optional secret is not set is left out.
    if (text !== "") headers[name] = text;
  }
  return headers;
}

/** RFC 9110, section 5.5: visible ASCII, spaces and tabs. Other characters would arrive garbled. */
function isHeader(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value);
}

function remoteOf(server: ServerEntry): RemoteTransport {
  const mcp = remoteTransportOf(server);
  if (mcp === undefined) throw new Error(`${server.id} is a stdio server, which a bridge serves`);
  return mcp;
}

function notReachable(server: ServerEntry, reason: string): UpstreamError {
  return new UpstreamError("server_unavailable", `${server.id} cannot be reached. ${reason}`, {
    delivery: "not_sent",
    server: server.id,
    retryable: false,
  });
}
