import { env } from "cloudflare:workers";
import { trailOf } from "../../worker/bindings.ts";

type AuditLine = Record<string, unknown>;

/** The audit's records of one request that belong to no session. */
export function recordsOf(requestId: string | null): Promise<AuditLine[]> {
  return recordsWhere((record) => record.requestId === requestId);
}

/** Of all files that run in this process, which may be more than one page. */
export async function recordsWhere(isWanted: (record: AuditLine) => boolean): Promise<AuditLine[]> {
  const found: AuditLine[] = [];
  for (let at = 0; ; ) {
    const { lines, cursor } = await trailOf(env).page(at);
    if (lines.length === 0) return found;
    at = cursor;
    found.push(...lines.map((line) => JSON.parse(line)).filter(isWanted));
  }
}
