import { z } from "zod";
import { startBackground } from "./background-process.ts";

const Happened = z.object({
  registered: z.number(),
  authorized: z.number(),
  redeemed: z.number(),
  refreshed: z.number(),
  /** Codes and refresh tokens that were presented a second time. */
  reused: z.number(),
  /** Requests to the MCP server without a good token, and with one. */
  refused: z.number(),
  mcp: z.number(),
  /** Every code and token there ever was. */
  secrets: z.array(z.string()),
});
export type Happened = z.infer<typeof Happened>;

/** test/servers/oauth.mjs in a process of its own. */
export interface OauthServer extends AsyncDisposable {
  /** Of the MCP server. */
  url: string;
  issuer: string;
  /** What it is told is in the file. */
  control(changes: object): Promise<void>;
  happened(): Promise<Happened>;
}

export async function startOauthServer(): Promise<OauthServer> {
  const server = await startBackground({ args: () => ["test/servers/oauth.mjs"] });
  const [, url = "", issuer = ""] = await server.printed(/mcp on (\S+), authorization server on (\S+)/);
  const ask = async (init: RequestInit) => Happened.parse(await (await fetch(`${issuer}/control`, init)).json());
  return {
    url,
    issuer,
    async control(changes) {
      await ask({ method: "POST", body: JSON.stringify(changes) });
    },
    happened: () => ask({ method: "GET" }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What a browser that is sent from address to address ends at. */
export async function openInBrowser(url: string): Promise<{ status: number; text: string; visited: string[] }> {
  const visited: string[] = [];
  for (let address = url; visited.length < 10; ) {
    visited.push(address);
    const response = await fetch(address, { redirect: "manual" });
    const location = response.headers.get("location");
    if (location === null) return { status: response.status, text: await response.text(), visited };
    await response.body?.cancel();
    address = new URL(location, address).href;
  }
  throw new Error(`sent around in circles: ${visited.join(" → ")}`);
}
