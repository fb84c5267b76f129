import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";

const Listing = z.object({
  servers: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: z.string(),
      reason: z.string().optional(),
      url: z.string().optional(),
      toolCount: z.number().optional(),
      visibility: z.string().optional(),
      sensitivity: z.string().optional(),
    }),
  ),
  message: z.string().optional(),
});
export type ListedServer = z.infer<typeof Listing>["servers"][number];

export interface ListOptions {
  url: string;
  authToken: string | undefined;
  signal: AbortSignal;
}

/** Every server as `list_mcp_capabilities` shows it, asked for as any client would. */
export async function listServers({ url, authToken, signal }: ListOptions): Promise<ListedServer[]> {
  const headers: Record<string, string> = authToken === undefined ? {} : { Authorization: `Bearer ${authToken}` };
  const client = new Client({ name: "mcp-bridge", version: "1" }, { versionNegotiation: { mode: "auto" } });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } }), { signal });
    const { structuredContent } = await client.callTool(
      {
        name: "list_mcp_capabilities",
        arguments: { visibility: ["default", "opt_in", "experimental"], limit: 100, detail: "minimal" },
      },
      { signal },
    );
    return Listing.parse(structuredContent).servers;
  } finally {
    await client.close();
  }
}
