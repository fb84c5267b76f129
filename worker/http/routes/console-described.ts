import { z } from "zod";
import { toIdentifier } from "../../../core/registry/identifiers.ts";
import type { sessionAt } from "../access/session-address.ts";

type Session = ReturnType<typeof sessionAt>;

/** What is asked of list_mcp_capabilities for all servers of a session. */
export const everyServer = { visibility: ["default", "opt_in", "experimental"], limit: 100 };

/** What the console reads of an answer of describe_mcp. */
export const Described = z.object({
  title: z.string().optional(),
  tools: z.array(z.object({ name: z.string(), signature: z.string().optional(), description: z.string().optional() })).optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** For the editor: the identifier of each server, and its tools as a program calls them. */
export async function completions(
  session: Session,
  origin: string,
): Promise<Record<string, { label: string; detail?: string }[]>> {
  const listing = await session.listCapabilities({ limit: 100, detail: "minimal" }, { origin });
  const ready = "servers" in listing ? listing.servers.filter(({ status }) => status === "ready") : [];
  const described = await Promise.all(ready.map(async ({ id }) => Described.parse(await session.describe({ id }))));
  return Object.fromEntries(
    ready.map(({ id }, at) => [
      toIdentifier(id),
      (described[at]?.tools ?? []).map(({ name, signature }) => ({
        label: /^[\w$]+/.exec(signature ?? name)?.[0] ?? name,
        type: "function",
        ...(signature !== undefined && { detail: signature }),
      })),
    ]),
  );
}
