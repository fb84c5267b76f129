import { z } from "zod";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { urlOption } from "./orchestrator-client.ts";
import { requestAsOwner } from "./owner-request.ts";
import { formatTable } from "./table.ts";

const Options = z.object({ url: z.string().optional(), json: z.boolean().default(false) });

const Sessions = z.object({
  sessions: z.array(z.object({ name: z.string(), lastUsed: z.string(), bridges: z.number(), storageBytes: z.number() })),
});

const Deleted = z.object({ deleted: z.string() });

export const session: Command = {
  name: "session <action> [name]",
  summary: "the sessions of an orchestrator: list, delete <principal>/<session>",
  options: [urlOption, { flags: "--json", description: "for list: print it as JSON" }],
  notes: [
    "delete removes everything that the session holds: its values, results, logins and lists of tools. Its runs are cancelled.",
    "The token, in AUTH_TOKEN, needs the scope mcp:admin; that of npm start on this machine is found by itself.",
  ],
  examples: ["mcp-bridge session list", "mcp-bridge session delete owner/default --url https://mcp.example.com"],
  async run({ args: [action = "", name], options, world }) {
    const { url, json } = Options.parse(options);
    switch (action) {
      case "list":
        return list(world, url, json);
      case "delete":
        return remove(world, url, name);
      default:
        throw new UsageError(`There is no session ${JSON.stringify(action)}. Write list, or delete <principal>/<session>.`);
    }
  },
};

async function list(world: World, url: string | undefined, json: boolean): Promise<number> {
  const { sessions } = await requestAsOwner(world, { url, path: "/sessions", answer: Sessions });
  if (json) world.print(JSON.stringify(sessions, undefined, 2));
  else if (sessions.length === 0) world.print("There are no sessions yet.");
  else world.print(formatTable(sessions.map(rowOf), ["session", "last used", "bridges", "storage"]));
  return 0;
}

function rowOf({ name, lastUsed, bridges, storageBytes }: z.infer<typeof Sessions>["sessions"][number]) {
  const storage = `${Math.ceil(storageBytes / 1024)} KiB`;
  return { session: name, "last used": lastUsed.slice(0, 16).replace("T", " "), bridges: String(bridges), storage };
}

async function remove(world: World, url: string | undefined, name: string | undefined): Promise<number> {
  // A principal of a service binding is a name of the operator's.
  if (name === undefined || !/^[\w.:@-]+\/[\w-]+$/.test(name)) {
    throw new UsageError("Name the session as list shows it, such as: session delete owner/default");
  }
  await requestAsOwner(world, { url, path: `/sessions/${name}`, method: "DELETE", answer: Deleted });
  world.print(`Deleted ${name}.`);
  return 0;
}
