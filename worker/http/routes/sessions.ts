import type { Context } from "hono";
import { trailOf } from "../../bindings.ts";
import type { Env } from "../env.ts";

type C = Context<{ Bindings: Env }>;

/** `GET /sessions`: the sessions that have storage, those used last first. */
export async function serveSessions(c: C): Promise<Response> {
  const known = await trailOf(c.env).sessions();
  return c.json({
    sessions: known.map(({ name, seenAt, bridges, bytes }) => ({
      name,
      lastUsed: new Date(seenAt).toISOString(),
      bridges,
      storageBytes: bytes,
    })),
  });
}

/** `DELETE /sessions/<principal>/<session>`: deletes everything that it holds, its logins too. */
export async function deleteSession(c: C, principal: string): Promise<Response> {
  const name = `${c.req.param("principal")}/${c.req.param("session")}`;
  const known = await trailOf(c.env).sessions();
  if (!known.some((session) => session.name === name)) {
    return c.json({ error: `There is no session ${name.slice(0, 200)}. GET /sessions lists them.` }, 404);
  }
  await c.env.SESSIONS.getByName(name).delete({ what: "session_deleted", principal, requestId: c.get("requestId") });
  return c.json({ deleted: name });
}
