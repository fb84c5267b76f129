import { WorkerEntrypoint } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { z } from "zod";
import { owner } from "../../principals.ts";
import { doorOf } from "../access/door.ts";
import { sessionAt } from "../access/session-address.ts";
import type { Env } from "../env.ts";
import { SessionService } from "./session-service.ts";

/** `props` of the service binding. */
const Props = z.object({
  /** Whose sessions these are: the owner's when left out, as those of AUTH_TOKEN and of the owner's bridges. */
  principal: z
    .string()
    .regex(/^[A-Za-z0-9_.:@-]{1,128}$/, "a principal is 1 to 128 letters, digits and _ . : @ -")
    .default(owner),
});

/**
 * The orchestrator for other Workers of the account, such as agents: without HTTP and without a token, because only who may deploy can
 * bind it. The principal is named in the binding's `props`, which no program and no request can set.
 */
export class Orchestrator extends WorkerEntrypoint<Env> {
  session(name = "default"): SessionService {
    const { data, error } = Props.safeParse(this.ctx.props ?? {});
    if (error) throw new TypeError(`The props of this service binding are wrong: ${error.issues[0]?.message}.`);
    const { principal } = data;
    const session = sessionAt(this.env, { principal, session: sessionNameOf(name) });
    return new SessionService(session, doorOf(this.env).settings.publicOrigin);
  }
}

/** Agents have names of any kind; a session's name is part of an address. Two names never share a session. */
function sessionNameOf(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  return `n-${createHash("sha256").update(name).digest("hex").slice(0, 40)}`;
}
