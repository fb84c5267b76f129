import { z } from "zod";
import { PublicError } from "../../../core/errors.ts";
import { RunLine } from "../../../core/log-line.ts";
import { trailOf } from "../../bindings.ts";
import { runAsTest } from "../../console/run-as-test.ts";
import type { RunView } from "../../console/run-page.tsx";
import type { RunsView } from "../../console/runs-page.tsx";
import { type SessionAddress, sessionAt } from "../access/session-address.ts";
import type { Env } from "../env.ts";
import { emptyView, filesOf } from "./console-play-form.tsx";

/** The fields of the audit's records that the console shows: core/audit/record.ts. */
const Recorded = z.object({
  time: z.string(),
  action: z.string(),
  outcome: z.string(),
  ...{ run: z.string().optional(), program: z.string().optional(), server: z.string().optional(), tool: z.string().optional() },
  within: z.string().optional(),
  ...{ code: z.string().optional(), rule: z.string().optional(), cursor: z.string().optional() },
  ...{
    durationMs: z.number().optional(),
    calls: z.number().optional(),
    servers: z.array(z.string()).optional(),
    count: z.number().optional(),
  },
});

/** One page of a session's runs, newest first. */
export async function runsView(
  env: Env,
  address: SessionAddress,
  { before = "", outcome = "", server = "", until = "" }: { before?: string; outcome?: string; server?: string; until?: string },
): Promise<RunsView> {
  // What the session has just done may still wait there.
  const session = sessionAt(env, address);
  await session.sendAudit();
  const running = before === "" ? await session.desk().listRunning() : [];
  const from = /^\d{1,15}$/.test(before) ? Number(before) : Number.MAX_SAFE_INTEGER;
  const of = { principal: address.principal, session: address.session, ...(outcome === "" ? {} : { outcome }) };
  // As an input of the type datetime-local has it.
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(until) ? until : undefined;
  const range = { before: from, server: server === "" ? undefined : server, until: time };
  const { lines, cursor } = await trailOf(env).runs(of, range);
  return { running, runs: lines.map((line) => Recorded.parse(JSON.parse(line))), next: cursor, outcome, server, until };
}

/** One run with its calls; undefined where the audit has no such run of this principal. */
export async function runView(
  env: Env,
  address: SessionAddress,
  { run, at, origin, server = "", outcome = "" }: { run: string; at: string; origin: string; server?: string; outcome?: string },
): Promise<RunView | undefined> {
  if (!/^\d{1,15}$/.test(at)) return undefined;
  const lines = await trailOf(env).run({ principal: address.principal, run }, Number(at));
  const records = lines.map((line) => Recorded.parse(JSON.parse(line)));
  const own = records.find(({ action }) => action === "execute");
  if (own === undefined) return undefined;
  const calls = records.filter(({ action, tool }) => action !== "execute" && tool !== undefined);
  const isWanted = (call: z.infer<typeof Recorded>) =>
    (server === "" || call.server === server) && (outcome === "" || call.outcome === outcome);
  return {
    run: own,
    calls: calls.filter(isWanted).sort((a, b) => Date.parse(a.time) - Date.parse(b.time)),
    chosen: { at, server, outcome },
    servers: [...new Set(calls.flatMap((call) => call.server ?? []))].sort(),
    outcomes: [...new Set(calls.map((call) => call.outcome))].sort(),
    ...keptOf(await sessionAt(env, address).desk().readRun(run), { run, origin, session: address.session }),
  };
}

const Kept = z.object({
  input: z
    .looseObject({
      code: z.string().optional(),
      files: z.record(z.string(), z.string()).optional(),
      entrypoint: z.string().optional(),
      args: z.unknown().optional(),
      allowedMcpIds: z.array(z.string()).optional(),
    })
    .optional(),
  outcome: z
    .looseObject({
      ok: z.boolean().optional(),
      handle: z.string().optional(),
      durationMs: z.number().optional(),
      logs: z.array(RunLine).optional(),
      errors: z.array(PublicError).optional(),
    })
    .optional(),
});

type KeptInput = z.infer<typeof Kept>["input"];

function keptOf(
  json: string | undefined,
  from: { run: string; origin: string; session: string },
): Pick<RunView, "program" | "answer" | "test"> {
  const kept = json === undefined ? undefined : Kept.safeParse(JSON.parse(json)).data;
  if (kept === undefined) return {};
  const { input, outcome } = kept;
  return {
    program: programIn(input),
    answer: outcome,
    test: input === undefined || outcome === undefined ? undefined : runAsTest({ ...from, input, outcome }),
  };
}

/** As the playground has it. */
function programIn(input: KeptInput): RunView["program"] {
  if (input === undefined) return undefined;
  const { code, files, entrypoint, args, allowedMcpIds = [] } = input;
  const sources = filesOf({ code, files, entrypoint });
  if (sources.length === 0) return undefined;
  return {
    ...emptyView,
    files: sources,
    args: args === undefined ? "" : JSON.stringify(args),
    allowed: allowedMcpIds.join(", "),
  };
}
