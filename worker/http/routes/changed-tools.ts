import type { Context } from "hono";
import { z } from "zod";
import type { ChangedTool } from "../../../core/policy/pins.ts";
import { systemClock } from "../../clock.ts";
import { seenAs } from "../../seen-change.ts";
import { authoriseCommand } from "../access/browser-access.ts";
import { doorOf } from "../access/door.ts";
import { sessionAt } from "../access/session-address.ts";
import { setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { httpLimits } from "../http-limits.ts";
import { readBody } from "../read-body.ts";

type C = Context<{ Bindings: Env }>;

const sessionName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const Accepted = z.object({ session: sessionName.default("default"), server: z.string(), seen: z.array(z.string()) });

/** `GET /changed-tools?session=…`: the tools that are not as they were accepted, as they were and as they are, each with `seen` for it. */
export async function serveChangedTools(c: C): Promise<Response> {
  const principal = await administratorOf(c);
  if (principal instanceof Response) return principal;
  const session = sessionName.safeParse(c.req.query("session") ?? "default");
  if (!session.success) return json(400, { message: "session: 1 to 64 letters, digits, - and _." });
  using approvals = await sessionAt(c.env, { principal, session: session.data }).approvals();
  // The types of RPC have no word for the values of a schema.
  const changed = (await approvals.changedTools()) as ChangedTool[];
  return json(200, { changed: changed.map((change) => ({ ...change, seen: seenAs(change) })) });
}

/** `POST /changed-tools`: a person accepts tools of a server, as they were when they had this `seen`. */
export async function acceptChangedTools(c: C): Promise<Response> {
  const principal = await administratorOf(c);
  if (principal instanceof Response) return principal;
  const body = await readBody(c.req.raw.body, { bytesMax: httpLimits.formBytesMax, ms: httpLimits.bodyMs, clock: systemClock });
  const read = Accepted.safeParse(body.kind === "text" ? parse(body.text) : undefined);
  if (!read.success) return json(400, { message: z.prettifyError(read.error) });
  const { session, server, seen } = read.data;
  using approvals = await sessionAt(c.env, { principal, session }).approvals();
  return json(200, { accepted: await approvals.acceptTools(server, seen) });
}

async function administratorOf(c: C): Promise<string | Response> {
  const access = await authoriseCommand(c.req.raw, "mcp:admin", doorOf(c.env));
  if (access.kind === "granted") return access.principal;
  setDenial(c, access);
  return json(access.status, { message: access.message }, access.headers);
}

function json(status: number, value: object, headers: Record<string, string> = {}): Response {
  return Response.json(value, { status, headers: { "Cache-Control": "no-store", ...headers } });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Refused by the schema.
    return undefined;
  }
}
