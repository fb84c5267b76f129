import { createHash, randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { z } from "zod";
import { closestHint, closestTo } from "../../core/closest.ts";
import { OrchestratorError } from "../../core/errors.ts";
import { localUrl } from "../local/local-url.ts";
import { readStartRecord, stateFolder } from "../local/start-record.ts";
import { readTokenList, type TokenEntry, tokenListOf, writeTokenList } from "../local/token-list.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { formatTable } from "./table.ts";

const Options = z.object({
  scopes: z.string().default("mcp:execute"),
  until: z.string().optional(),
  file: z.string().optional(),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** The Worker checks them again, and says which it knows. */
const knownScopes = ["mcp:read", "mcp:execute", "mcp:bridge", "mcp:admin"];

export const token: Command = {
  name: "token <action> [name]",
  summary: "the token of npm start on this machine, and those of others: show, new <name>, list, revoke <name>",
  options: [
    {
      flags: "--scopes <scopes>",
      description: `for new: separated by commas, of ${knownScopes.join(", ")} (default: mcp:execute)`,
    },
    { flags: "--until <date>", description: "for new: when it expires, such as 2027-01-31" },
    {
      flags: "--file <file>",
      description: "the list of a deployment, to put as its secret AUTH_TOKENS (default: that of npm start here)",
    },
    { flags: "--json", description: "for list: print JSON" },
  ],
  notes: [
    "show prints the token of npm start alone. new prints a token, which is kept nowhere, to standard error, and its entry for",
    "AUTH_TOKENS, which holds only its hash, to standard output; the entry is added to the list. PORT names another port than 8787.",
    "A change takes effect when npm start starts again, or when the list has been put as the secret of the deployment.",
  ],
  examples: [
    "mcp-bridge token show",
    "mcp-bridge token new anna --scopes mcp:read --until 2027-01-31",
    "mcp-bridge token revoke anna --file production-tokens.json",
  ],
  async run({ args: [action = "", name], options, world }) {
    const parsed = Options.parse(options);
    const list = openList(world, parsed);
    switch (action) {
      case "show":
        return show(world);
      case "new":
        return create(world, name, { list, ...parsed });
      case "list":
        return print(world, await readTokenList(list.path), parsed);
      case "revoke":
        return revoke(world, name, list);
      default:
        throw new UsageError(`There is no token ${JSON.stringify(action)}. Write show, new <name>, list or revoke <name>.`);
    }
  },
};

interface List {
  path: string;
  /** What makes a change of it take effect. */
  next: string;
}

function openList(world: World, { file }: Options): List {
  if (file === undefined) {
    const url = new URL(localUrl(world.environment));
    return {
      path: tokenListOf(stateFolder(world, Number(url.port || 80))),
      next: `It takes effect when npm start starts again on port ${url.port || 80}.`,
    };
  }
  const path = resolve(world.workingDirectory, file);
  return { path, next: `It takes effect with: npx wrangler secret put AUTH_TOKENS --env production < ${file}` };
}

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

async function create(world: World, name: string | undefined, options: Options & { list: List }): Promise<number> {
  if (name === undefined || !/^[\w.@-]{1,64}$/.test(name)) {
    throw new UsageError("Give the token a name of 1 to 64 letters, digits, . @ - and _, such as: token new anna");
  }
  const { list, until } = options;
  const scopes = options.scopes.split(",").map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !knownScopes.includes(scope));
  if (unknown.length > 0) throw new UsageError(`--scopes names ${unknown.join(", ")}; there are ${knownScopes.join(", ")}.`);
  if (until !== undefined && !isDate(until)) throw new UsageError("--until takes a date such as 2027-01-31.");
  const entries = await readTokenList(list.path);
  if (entries.some((entry) => entry.name === name)) {
    throw new OrchestratorError(
      "invalid_input",
      `There is a token of ${name} already. To replace it, first: token revoke ${name}`,
    );
  }
  const made = randomBytes(32).toString("base64url");
  const sha256 = createHash("sha256").update(made).digest("hex");
  const entry: TokenEntry = { name, sha256, scopes, ...(until === undefined ? {} : { until }) };
  await writeTokenList(list.path, [...entries, entry]);
  world.writeStderr(`The token of ${name}, shown only now: ${made}\n${list.next}\nIts entry, added to ${list.path}:\n`);
  world.print(JSON.stringify(entry));
  return 0;
}

function print(world: World, entries: readonly TokenEntry[], { json }: Options): number {
  if (json) {
    world.print(JSON.stringify(entries, undefined, 2));
    return 0;
  }
  const now = Date.now();
  const rows = entries.map(({ name, scopes, until }) => ({
    name,
    scopes: scopes.join(","),
    until: until === undefined ? "" : `${until}${Date.parse(until) <= now ? " (expired)" : ""}`,
  }));
  world.print(formatTable(rows, ["name", "scopes", "until"]));
  return 0;
}

async function revoke(world: World, name: string | undefined, list: List): Promise<number> {
  if (name === undefined) throw new UsageError("Name the token: token revoke anna");
  const entries = await readTokenList(list.path);
  const left = entries.filter((entry) => entry.name !== name);
  if (left.length === entries.length) {
    const closest = closestTo(
      name,
      entries.map((entry) => entry.name),
    );
    throw new OrchestratorError("invalid_input", `${list.path} has no token of ${name}.${closestHint(closest)}`);
  }
  await writeTokenList(list.path, left);
  world.writeStderr(`The token of ${name} is revoked. ${list.next}\n`);
  return 0;
}

/** A day that exists: Date.parse takes February 30 for March 2. */
function isDate(text: string): boolean {
  return z.iso.date().safeParse(text).success;
}
