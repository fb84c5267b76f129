import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { withoutControls } from "../../core/log-line.ts";
import { savedLimits } from "../../core/saved/saved-limits.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import { urlOption } from "./orchestrator-client.ts";
import { OwnersAnswer, requestAsOwner } from "./owner-request.ts";
import { gatherProgram } from "./program-files.ts";
import { openSaved, Saved, type SavedClient } from "./saved-client.ts";

const Options = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  allow: z.string().optional(),
  timeout: z.coerce.number().int().min(savedLimits.timeoutMsMin).max(savedLimits.timeoutMsMax).optional(),
  accept: z.string().optional(),
  reject: z.string().optional(),
  revision: z.coerce.number().int().optional(),
  all: z.boolean().default(false),
  url: z.string().optional(),
  session: z.string().optional(),
});

export const save: Command = {
  name: "save [file]",
  summary: "save a program file as a tool of the server `saved`, or change the one of that name",
  options: [
    { flags: "--name <name>", description: "its name (default: that of the file)" },
    { flags: "--description <text>", description: "what it does (default: the comment above its entrypoint)" },
    { flags: "--allow <ids>", description: "ids of the servers it may use, separated by commas (default: the default servers)" },
    { flags: "--timeout <ms>", description: "how long one call may take (default: 30000, at most 120000)" },
    { flags: "--accept <name>", description: "accept a program that another program has proposed (SAVED_TOOLS=ask)" },
    { flags: "--reject <name>", description: "reject it: what was accepted under that name before is there again" },
    { flags: "--revision <n>", description: "for --accept and --reject: only this revision, if it still waits" },
    { flags: "--all", description: "the file is what `export --all` wrote: save all programs in it" },
    urlOption,
    { flags: "--session <name>", description: "the session to check it in (default: the default session)" },
  ],
  notes: [
    "Its input and output schema are the types of its entrypoint. Files that it imports by a relative path are saved with it.",
  ],
  examples: ["mcp-bridge save weekly_report.ts --allow github,time", "mcp-bridge save --accept weekly_report"],
  async run({ args: [file], options, world }) {
    const parsed = Options.safeParse(options);
    if (!parsed.success) {
      const { timeoutMsMin: least, timeoutMsMax: most } = savedLimits;
      throw new UsageError(`--timeout takes ${least} to ${most} milliseconds, --revision a whole number.`);
    }
    const { accept, reject, revision, all, url, session, name, description, allow, timeout } = parsed.data;
    if (accept !== undefined) return await decide(world, { name: accept, decision: "accept", revision, url });
    if (reject !== undefined) return await decide(world, { name: reject, decision: "reject", revision, url });
    if (file === undefined) throw new UsageError("Name a program file, or --accept <name>.");
    await using saved = await openSaved(world, { url, session });
    if (all) return await saveAll(world, saved, resolve(world.workingDirectory, file));
    const { files, entrypoint } = await gatherProgram(file, world.workingDirectory);
    const allowedMcpIds = allow?.split(",").map((id) => id.trim());
    const language = /\.[cm]?jsx?$/.test(entrypoint) ? "js" : "ts";
    const fields = { files, entrypoint, language, ...(description === undefined ? {} : { description }) };
    const limits = { ...(allowedMcpIds ? { allowedMcpIds } : {}), ...(timeout === undefined ? {} : { timeoutMs: timeout }) };
    const program = { name: name ?? basename(file).replace(/\.[^.]*$/, ""), ...fields, ...limits };
    const kept = await keep(saved, program, { names: await namesOf(saved) });
    world.print(savedText(kept));
    return 0;
  },
};

function savedText({ name, revision, proposed }: Saved): string {
  if (!proposed) return `${name} is saved, revision ${revision}.`;
  return `${name} is saved, revision ${revision}, and waits to be accepted: mcp-bridge save --accept ${name} --revision ${revision}`;
}

async function namesOf(saved: SavedClient): Promise<Set<string>> {
  const { tools } = z.object({ tools: z.array(Saved) }).parse(await saved.dynamic("tool_list", {}));
  return new Set(tools.map((tool) => tool.name));
}

interface Program {
  name: string;
  [field: string]: unknown;
}

/** Creates it, or changes what is there. `unset` are the values of fields that the program does not have. */
async function keep(
  saved: SavedClient,
  { name, ...fields }: Program,
  { names, unset = {} }: { names: Set<string>; unset?: object },
): Promise<Saved> {
  const answer = names.has(name)
    ? await saved.dynamic("tool_update", { name, patch: { ...unset, ...fields } })
    : await saved.dynamic("tool_create", { name, ...fields });
  names.add(name);
  return z.object({ tool: Saved }).parse(answer).tool;
}

/** Those that are refused are tried again as long as others are saved, because one may call another that comes later. */
async function saveAll(world: World, saved: SavedClient, path: string): Promise<number> {
  const names = await namesOf(saved);
  let waiting = await programsIn(path);
  let reasons: string[] = [];
  for (let before = Number.POSITIVE_INFINITY; waiting.length > 0 && waiting.length < before; ) {
    before = waiting.length;
    reasons = [];
    const again: Program[] = [];
    for (const program of waiting) {
      try {
        world.print(savedText(await keep(saved, ownWords(program), { names, unset: nothingGiven })));
      } catch (error) {
        if (!(error instanceof OrchestratorError) || world.signal.aborted) throw error;
        again.push(program);
        reasons.push(error.message);
      }
    }
    waiting = again;
  }
  let refused = 0;
  for (const [index, program] of waiting.entries()) {
    const { kept, lost } = await keepWhatFits(saved, program, names);
    if (kept) world.print(savedText(kept));
    else refused += 1;
    if (kept && !lost) continue;
    const what = kept ? "warning" : "error";
    const which = `${withoutControls(program.name)}${lost ? ` is without ${lost}` : ""}`;
    world.writeStderr(`${what}: ${which}: ${reasons[index]}\n`);
  }
  return refused === 0 ? 0 : 1;
}

/** Without what the program says itself. A file that does not tell these apart was written by an earlier release. */
function ownWords({ given, ...program }: Program): Program {
  if (!Array.isArray(given)) return program;
  const said = ["description", "examples"].filter((field) => !given.includes(field));
  return { ...Object.fromEntries(Object.entries(program).filter(([field]) => !said.includes(field))), name: program.name };
}

/** The comment that described it may be gone since, and examples were not always checked. */
async function keepWhatFits(
  saved: SavedClient,
  program: Program,
  names: Set<string>,
): Promise<{ kept?: Saved; lost?: string | undefined }> {
  const described = { ...ownWords(program), description: program.description };
  for (const [lost, fields] of [[undefined, described] as const, ["its examples", { ...described, examples: [] }] as const]) {
    try {
      return { kept: await keep(saved, fields, { names, unset: nothingGiven }), lost };
    } catch (error) {
      if (!(error instanceof OrchestratorError)) throw error;
    }
  }
  return {};
}

/** For a program that is there: what the file does not say of it is not kept. */
const nothingGiven = {
  ...{ title: null, description: null, inputSchema: null, outputSchema: null, allowedMcpIds: null, examples: null },
};

async function programsIn(path: string): Promise<Program[]> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) throw new OrchestratorError("invalid_input", `Cannot read ${path}.`);
  try {
    return z.object({ savedTools: z.array(z.looseObject({ name: z.string() })) }).parse(JSON.parse(text)).savedTools;
  } catch (cause) {
    throw new OrchestratorError("invalid_input", `${path} is not what mcp-bridge export --all writes.`, { cause });
  }
}

const Proposal = z.looseObject({ revision: z.number(), description: z.string(), allowedMcpIds: z.array(z.string()).optional() });

interface Decision {
  name: string;
  decision: "accept" | "reject";
  /** The one that the person has looked at; by default the one that waits now. */
  revision: number | undefined;
  url: string | undefined;
}

/** A revision that comes in between is not decided about. */
async function decide(world: World, { name, decision, revision, url }: Decision): Promise<number> {
  const path = `/proposals/${encodeURIComponent(name)}`;
  const proposal = await requestAsOwner(world, { url, path, answer: Proposal });
  const { description, allowedMcpIds } = proposal;
  const servers = allowedMcpIds === undefined ? "the default servers" : allowedMcpIds.join(", ") || "no server";
  world.print(withoutControls(`${name}, revision ${proposal.revision}, may use ${servers}: ${description}`));
  const body = { decision, revision: revision ?? proposal.revision };
  const { title, message } = await requestAsOwner(world, { url, path, body, answer: OwnersAnswer });
  world.print(`${title}. ${message}`);
  return 0;
}
