import { z } from "zod";
import { shownArguments } from "../../core/mcp/shown-arguments.ts";
import { oneLine, startOf, visibleJson } from "../../core/text.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { addressOf, urlOption } from "./orchestrator-client.ts";
import { OwnersAnswer, requestAsOwner } from "./owner-request.ts";

const Options = z.object({ all: z.boolean().default(false), json: z.boolean().default(false), url: z.string().optional() });

const Call = z.looseObject({ number: z.number(), server: z.string(), tool: z.string(), argsJson: z.string() });
const Done = z.looseObject({ server: z.string(), tool: z.string(), outcome: z.string() });
const Approval = z.looseObject({
  id: z.string(),
  calls: z.array(Call),
  callsOmitted: z.number(),
  done: z.array(Done),
  expiresAt: z.number(),
});
const Proposal = z.looseObject({ name: z.string(), revision: z.number() });
const Approvals = z.looseObject({ approvals: z.array(Approval), proposals: z.array(Proposal).default([]) });

export const approvals: Command = {
  name: "approvals <action> [id]",
  summary: "decide about calls that wait for a person: list, allow <id>, deny <id>",
  options: [
    { flags: "--all", description: "for allow: every call of these tools by this run, not only those that wait now" },
    { flags: "--json", description: "for list: print JSON, with the programs and what they have done" },
    urlOption,
  ],
  notes: [
    "The id is the last part of the approval's address. The token is read from AUTH_TOKEN and needs the scope mcp:admin; that of",
    "npm start on this machine is found by itself.",
  ],
  examples: ["mcp-bridge approvals list", "mcp-bridge approvals allow default.0123456789abcdef0123456789abcdef --all"],
  async run({ args: [action = "", id], options, world }) {
    const { all, json, url } = Options.parse(options);
    switch (action) {
      case "list":
        return list(world, { url, json });
      case "allow":
        return decide(world, { id, url, decision: all ? "allow_tools" : "allow" });
      case "deny":
        return decide(world, { id, url, decision: "deny" });
      default:
        throw new UsageError(`There is no approvals ${JSON.stringify(action)}. Write list, allow <id> or deny <id>.`);
    }
  },
};

async function list(world: World, { url, json }: { url: string | undefined; json: boolean }): Promise<number> {
  const answer = await requestAsOwner(world, { url, path: "/approve", answer: Approvals });
  const { approvals: waiting, proposals } = answer;
  if (json) world.print(visibleJson(JSON.stringify(answer, null, 2)));
  if (json) return 0;
  if (waiting.length + proposals.length === 0) world.print("Nothing waits.");
  const { url: at } = await addressOf(world, { url });
  for (const approval of waiting) {
    world.print(`${approval.id}  until ${new Date(approval.expiresAt).toISOString()}`);
    printCalls(world, approval);
    for (const line of doneIn(approval)) world.print(`  has made: ${line}`);
    world.print(`  the program: ${new URL(`/approve/${approval.id}`, at).href}`);
  }
  for (const { name, revision } of proposals) {
    world.print(
      `${name}, revision ${revision}, is a program to be saved: mcp-bridge save --accept ${name} --revision ${revision}`,
    );
  }
  return 0;
}

/** Calls that were made before, equal ones together. */
function doneIn({ done }: z.infer<typeof Approval>): string[] {
  const counts = new Map<string, number>();
  for (const { server, tool, outcome } of done) {
    const what = `${oneLine(`${server}.${tool}`)} ${outcome.replace("_", " ")}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${what}${count === 1 ? "" : ` (${count} times)`}`);
}

/** What is decided about is what was shown: calls that arrive after that wait for the next decision. */
async function decide(
  world: World,
  { id, url, decision }: { id: string | undefined; url: string | undefined; decision: string },
): Promise<number> {
  if (id === undefined) throw new UsageError("Say which: the id is the last part of the approval's address.");
  const path = `/approve/${encodeURIComponent(id)}`;
  const approval = await requestAsOwner(world, { url, path, answer: Approval });
  printCalls(world, approval);
  const upTo = approval.calls.at(-1)?.number;
  const { title, message } = await requestAsOwner(world, { url, path, body: { decision, upTo }, answer: OwnersAnswer });
  world.print(`${title}. ${message}`);
  return 0;
}

function printCalls(world: World, { calls, callsOmitted }: z.infer<typeof Approval>): void {
  for (const { server, tool, argsJson } of calls) world.print(`  ${oneLine(`${server}.${tool}`)} ${shown(argsJson)}`);
  if (callsOmitted > 0) world.print(`  and ${callsOmitted} more, which wait for the next decision`);
}

/** As it is sent; a cut is said. */
function shown(argsJson: string): string {
  const text = shownArguments(argsJson);
  return text.length <= shownCharsMax ? text : `${startOf(text, shownCharsMax)}… (${text.length} characters)`;
}

const shownCharsMax = 500;
