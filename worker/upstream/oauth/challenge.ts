import { extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import { limits } from "../../../core/limits.ts";
import type { Fetch } from "../../../core/remote/fetch.ts";
import type { RemoteEntry } from "../remote/entry.ts";

export interface Challenge {
  /** The URL of the protected resource metadata, which names the authorization server (RFC 9728). */
  resourceMetadataUrl?: URL;
  scope?: string;
}

/** The challenge in the server's response to a request without a token. Empty if that fails: discovery then reports the cause. */
export async function challengeOf({ transport, url, headers }: RemoteEntry, fetch: Fetch): Promise<Challenge> {
  const ping = { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }) };
  try {
    const response = await fetch(url, {
      ...(transport === "sse" ? {} : ping),
      headers: { ...headers, "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      signal: AbortSignal.timeout(limits.loginRequestMs),
    });
    // A server that needs no token may have opened a stream.
    await response.body?.cancel();
    return response.status === 401 ? extractWWWAuthenticateParams(response) : {};
  } catch (error) {
    console.warn({ event: "login_challenge_failed", host: url.host, error: error instanceof Error ? error.name : String(error) });
    return {};
  }
}
