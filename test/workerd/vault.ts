import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type CallInput, outcomeOfCall, programOf } from "../../core/discovery/direct-call.ts";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";
import { serverEntry } from "../support/builders.ts";
import { dial, filed, type Request, serveGreet } from "./dial.ts";
import { run } from "./run.ts";

/* A session with a server that a person has to be asked about, and that person. */

export const token = "the owner's token, 32 characters and more";
export const closed: Env = { ...(env as Env), AUTH_TOKEN: token };
export const site = "https://mcp.example.com";

/** A session with a server of high sensitivity, and what reached it. */
export async function sessionWithVault(fields: Parameters<typeof serverEntry>[1] = {}) {
  const session = `s${crypto.randomUUID().slice(0, 8)}`;
  const reached: unknown[] = [];
  const serve = (request: Request) => {
    if (request.type === "call_tool") reached.push(request.args.name);
    return serveGreet(request);
  };
  const declare = async (own: typeof fields) => {
    await dial(session, serve, filed(serverEntry("vault", { sensitivity: "high", limits: { callsPerRun: 500 }, ...own })));
  };
  await declare(fields);
  return {
    name: session,
    reached,
    /** The registry says something else of the server from now on. */
    declare,
    run: (code: string, allowedMcpIds = ["vault"]) => run({ code, allowedMcpIds }, { session }),
    resume: (resumed: string) => run({ resume: resumed }, { session }),
    /** One call in direct mode. */
    call: async (input: CallInput) => outcomeOfCall(await run(programOf(input), { session })),
    /** Ends its process, as one that has waited for long, and everything that the object holds in memory. */
    async evict() {
      const object = env.SESSIONS.getByName(`owner/${session}`);
      {
        using approvals = await object.approvals();
        await approvals.letGo();
      }
      await evictDurableObject(object);
    },
  };
}

/** The token of an answer that says that calls wait. */
export function tokenIn(outcome: Awaited<ReturnType<typeof run>>): string {
  const [error] = outcome.errors ?? [];
  if (error?.code !== "approval_required" || error.token === undefined) throw new Error(JSON.stringify(outcome));
  return error.token;
}

export async function asOwner(
  path: string,
  body?: object,
  headers: Record<string, string> = { Authorization: `Bearer ${token}` },
) {
  const init = { method: body ? "POST" : "GET", headers: { Accept: "application/json", ...headers } };
  const text = body && JSON.stringify(body);
  const sized =
    text === undefined ? init : { ...init, body: text, headers: { ...init.headers, "Content-Length": `${text.length}` } };
  const response = await app.request(`${site}${path}`, sized, closed);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The approval of a session that waits, as the command line finds it. */
export async function waitingIn({ name }: { name: string }) {
  const { body } = await asOwner("/approve");
  const approvals = body.approvals as { id: string; calls: { number: number; argsJson: string }[] }[];
  if (approvals === undefined) throw new Error(JSON.stringify(body));
  const found = approvals.find(({ id }) => id.startsWith(`${name}.`));
  if (found === undefined) throw new Error("nothing waits");
  return found;
}
