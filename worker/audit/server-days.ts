import { z } from "zod";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { hasFailed } from "../../core/audit/tally.ts";

/** Calls of one server by one principal since midnight UTC. */
export interface ServerDay {
  calls: number;
  failedCalls: number;
}

const Call = z.object({
  action: z.literal("call"),
  time: z.string(),
  outcome: z.string(),
  principal: z.string(),
  server: z.string(),
  count: z.number().default(1),
});

interface Changed extends ServerDay {
  day: number;
  principal: string;
  server: string;
}

const dayMs = 86_400_000;

/** The calls of each server on the day that is under way. Written down with the trail's counts, as worker/audit/tallies.ts. */
export class ServerDays {
  readonly #sql: SqlStorage;
  readonly #changed = new Map<string, Changed>();
  #rows: number;

  constructor({ sql }: DurableObjectStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS server_days (day INTEGER NOT NULL, principal TEXT NOT NULL, server TEXT NOT NULL, calls INTEGER NOT NULL, failed INTEGER NOT NULL, PRIMARY KEY (day, principal, server)) WITHOUT ROWID",
    );
    this.#rows = this.#count();
  }

  count(record: unknown): void {
    const { data } = Call.safeParse(record);
    const day = Math.floor(Date.parse(data?.time ?? "") / dayMs);
    if (data === undefined || Number.isNaN(day)) return;
    const { principal, server, outcome, count } = data;
    const changed = this.#at({ day, principal, server });
    if (changed === undefined) return;
    changed.calls += count;
    if (hasFailed(outcome)) changed.failedCalls += count;
  }

  /** Writes down what changed, and forgets the days before. */
  keep(now: number): void {
    for (const { day, principal, server, calls, failedCalls } of this.#changed.values())
      this.#sql.exec(
        "INSERT OR REPLACE INTO server_days (day, principal, server, calls, failed) VALUES (?, ?, ?, ?, ?)",
        ...[day, principal, server, calls, failedCalls],
      );
    this.#changed.clear();
    this.#sql.exec("DELETE FROM server_days WHERE day < ?", Math.floor(now / dayMs));
    this.#rows = this.#count();
  }

  today({ principal, server }: { principal: string; server: string }, now: number): ServerDay {
    const { calls, failedCalls } = this.#read({ day: Math.floor(now / dayMs), principal, server }) ?? none;
    return { calls, failedCalls };
  }

  /** Undefined where there is no room for another server: names in records are chosen by programs too. */
  #at(key: Omit<Changed, keyof ServerDay>): Changed | undefined {
    const known = this.#read(key);
    if (known === undefined && this.#rows >= auditLimits.serverDaysMax) return undefined;
    if (known === undefined) this.#rows += 1;
    const changed = known ?? { ...key, ...none };
    this.#changed.set(nameOf(key), changed);
    return changed;
  }

  #read(key: Omit<Changed, keyof ServerDay>): Changed | undefined {
    const changed = this.#changed.get(nameOf(key));
    if (changed !== undefined) return changed;
    const [row] = this.#sql
      .exec<{ calls: number; failed: number }>(
        "SELECT calls, failed FROM server_days WHERE day = ? AND principal = ? AND server = ?",
        ...[key.day, key.principal, key.server],
      )
      .toArray();
    return row && { ...key, calls: row.calls, failedCalls: row.failed };
  }

  #count(): number {
    return this.#sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM server_days").one().rows;
  }
}

const none: ServerDay = { calls: 0, failedCalls: 0 };

function nameOf({ day, principal, server }: Omit<Changed, keyof ServerDay>): string {
  return JSON.stringify([day, principal, server]);
}
