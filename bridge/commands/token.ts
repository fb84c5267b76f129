import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { localUrl } from "../local/local-url.ts";
import { readStartRecord } from "../local/start-record.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";

const Options = z.object({ scopes: z.string().default("mcp:execute"), until: z.string().optional() });

/** The Worker checks them again, and says which it knows. */
const knownScopes = ["mcp:read", "mcp:execute", "mcp:bridge", "mcp:admin"];

export const token: Command = {
  name: "token <action> [name]",
  summary: "show the token of npm start on this machine, or make one for somebody else: show, new <name>",
  options: [
    {
      flags: "--scopes <scopes>",
      description: `for new: separated by commas, of ${knownScopes.join(", ")} (default: mcp:execute)`,
    },
    { flags: "--until <date>", description: "for new: when it expires, such as 2027-01-31" },
  ],
  notes: [
    "show prints the token alone; PORT names another port than 8787. new prints the token, which is kept nowhere, to standard error, and",
    "its entry for AUTH_TOKENS, which holds only its hash, to standard output.",
  ],
  examples: ["mcp-bridge token show", "mcp-bridge token new anna --scopes mcp:read --until 2027-01-31"],
  async run({ args: [action = "", name], options, world }) {
    switch (action) {
      case "show":
        return show(world);
      case "new":
        return create(world, name, Options.parse(options));
      default:
        throw new UsageError(`There is no token ${JSON.stringify(action)}. Write show, or new <name>.`);
    }
  },
};

async function show(world: World): Promise<number> {
  const url = localUrl(world.environment);
  const authToken = (await readStartRecord(world, new URL(url)))?.authToken;
  if (authToken === undefined) {
    throw new OrchestratorError(
      "invalid_input",
      `There is no token for ${url}: npm start makes it, unless it is started with --no-token. PORT names another port.`,
    );
  }
  world.print(authToken);
  return 0;
}

function create(world: World, name: string | undefined, { scopes, until }: z.infer<typeof Options>): number {
  if (name === undefined || !/^[\w.@-]{1,64}$/.test(name)) {
    throw new UsageError("Give the token a name of 1 to 64 letters, digits, . @ - and _, such as: token new anna");
  }
  const list = scopes.split(",").map((scope) => scope.trim());
  const unknown = list.filter((scope) => !knownScopes.includes(scope));
  if (unknown.length > 0) throw new UsageError(`--scopes names ${unknown.join(", ")}; there are ${knownScopes.join(", ")}.`);
  if (until !== undefined && !/^\d{4}-\d\d-\d\d$/.test(until)) throw new UsageError("--until takes a date such as 2027-01-31.");
  const made = randomBytes(32).toString("base64url");
  const sha256 = createHash("sha256").update(made).digest("hex");
  world.writeStderr(`The token of ${name}, shown only now: ${made}\nIts entry in the list AUTH_TOKENS:\n`);
  world.print(JSON.stringify({ name, sha256, scopes: list, ...(until === undefined ? {} : { until }) }));
  return 0;
}
