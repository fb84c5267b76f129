import type { Context } from "hono";
import { trailOf } from "../../bindings.ts";
import type { Env } from "../env.ts";

/**
 * `/audit.jsonl?after=<cursor>`: records as lines of JSON, oldest first, those after the cursor. A reader goes on with the `cursor` of the
 * last line; an empty answer says that there is nothing new.
 */
export async function serveAudit(c: Context<{ Bindings: Env }>): Promise<Response> {
  const after = c.req.query("after") ?? "0";
  if (!/^\d{1,15}$/.test(after)) {
    return c.json(
      { error: 'after is the "cursor" of the last record that you have; leave it out to begin with the oldest.' },
      400,
    );
  }
  await collect(c.env);
  return c.body(pagesAfter(c.env, Number(after)), 200, { "Content-Type": "application/x-ndjson; charset=utf-8" });
}

/** Has the sessions that are in use send what waits there, so that a reader finds what it has just seen answered. */
export async function collect(env: Env): Promise<void> {
  const names = await trailOf(env).recentSessions();
  // What a session cannot send now, it sends later.
  await Promise.allSettled(names.map((name) => env.SESSIONS.getByName(name).sendAudit()));
}

/** As fast as they are read, one page after another. The trail is bounded, and so is this. */
function pagesAfter(env: Env, after: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let at = after;
  return new ReadableStream({
    async pull(controller) {
      const { lines, cursor } = await trailOf(env).page(at);
      if (lines.length === 0) return controller.close();
      at = cursor;
      controller.enqueue(encoder.encode(lines.map((line) => `${line}\n`).join("")));
    },
  });
}
