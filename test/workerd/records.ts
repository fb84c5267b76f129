import { env } from "cloudflare:workers";
import { trailOf } from "../../worker/bindings.ts";

/** The audit's records of one request that belong to no session. */
export async function recordsOf(requestId: string | null): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let at = 0; ; ) {
    const { lines, cursor } = await trailOf(env).page(at);
    if (lines.length === 0) return found;
    at = cursor;
    found.push(...lines.map((line) => JSON.parse(line)).filter((record) => record.requestId === requestId));
  }
}
