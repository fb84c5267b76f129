import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { Tool } from "../../core/mcp/tool.ts";
import { type ChangedTool, differenceOf } from "../../core/policy/pins.ts";
import { oneLine } from "../../core/text.ts";
import type { Command } from "./command.ts";
import { urlOption } from "./orchestrator-client.ts";
import { requestAsOwner } from "./owner-request.ts";

const Options = z.object({ session: z.string().default("default"), url: z.string().optional() });
const Changed = z.object({
  changed: z.array(z.object({ server: z.string(), tool: z.string(), before: Tool.optional(), after: Tool, seen: z.string() })),
});
const Accepted = z.object({ accepted: z.array(z.string()) });

export const accept: Command = {
  name: "accept [id] [tool]",
  summary: "accept tools of a server that changed; without an id, show what changed",
  options: [
    { flags: "--session <name>", description: "the session that uses the server (default: the default session)" },
    urlOption,
  ],
  notes: ["Prints the whole difference of each tool. The token is read from AUTH_TOKEN and needs the scope mcp:admin."],
  examples: ["mcp-bridge accept", "mcp-bridge accept github create_issue"],
  async run({ args: [id, tool], options, world }) {
    const { session, url } = Options.parse(options);
    const path = `/changed-tools?session=${encodeURIComponent(session)}`;
    const { changed } = await requestAsOwner(world, { url, path, answer: Changed });
    const concerned = changed.filter((change) => (id === undefined || change.server === id) && (!tool || change.tool === tool));
    for (const change of concerned) world.print(`${oneLine(`${change.server}.${change.tool}`)}\n${onTerminal(change)}`);
    if (concerned.length === 0)
      world.print(`Nothing has changed${id === undefined ? "" : ` at ${[id, tool].filter(Boolean).join(".")}`}.`);
    if (id === undefined || concerned.length === 0) return 0;
    const body = { session, server: id, seen: concerned.map(({ seen }) => seen) };
    const { accepted } = await requestAsOwner(world, { url, path: "/changed-tools", body, answer: Accepted });
    if (accepted.length > 0) world.print(`Accepted: ${accepted.map(oneLine).join(", ")}`);
    const left = concerned.length - accepted.length;
    if (left > 0) throw new OrchestratorError("tool_changed", `${left} changed again meanwhile, or were accepted. Look again.`);
    return 0;
  },
};

/** A server's words: none of them may move the cursor. */
function onTerminal(change: ChangedTool): string {
  return differenceOf(change).replace(/[^\P{Cc}\n]/gu, "");
}
