import { z } from "zod";
import { openOrchestrator } from "./orchestrator-client.ts";

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

/** Calls `list_mcp_capabilities` for servers of every visibility. */
export async function listServers({ url, authToken, signal }: ListOptions): Promise<ListedServer[]> {
  const client = await openOrchestrator({ url, authToken }, signal);
  try {
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
