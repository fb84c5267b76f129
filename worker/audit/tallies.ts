import { addRecord, emptyTally, Tallied, Tally } from "../../core/audit/tally.ts";
import { type Numbers, type NumbersPoint, periods, type Span, seriesOf, spans, startOf } from "../../core/audit/tally-series.ts";

interface Changed {
  period: keyof typeof periods;
  at: number;
  tally: Tally;
}

/**
 * What ran in each period, a row for each. As the trail's counts, they are written down now and then (`keep`), together with the position
 * up to which records were counted; after a start the records beyond it are counted again.
 */
export class Tallies {
  readonly #sql: SqlStorage;
  /** Those that are not written down yet, by their key. */
  readonly #changed = new Map<string, Changed>();

  constructor({ sql }: DurableObjectStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS tallies (period TEXT NOT NULL, at INTEGER NOT NULL, tally TEXT NOT NULL, PRIMARY KEY (period, at)) WITHOUT ROWID",
    );
  }

  count(record: unknown): void {
    const { data } = Tallied.safeParse(record);
    const time = Date.parse(data?.time ?? "");
    if (data === undefined || Number.isNaN(time) || (data.action !== "execute" && data.action !== "call")) return;
    for (const period of ["short", "long"] as const) {
      const { widthMs } = periods[period];
      addRecord(this.#tallyAt(period, Math.floor(time / widthMs) * widthMs), data);
    }
  }

  /** Writes down what changed, and forgets what is too old. */
  keep(now: number): void {
    for (const { period, at, tally } of this.#changed.values())
      this.#sql.exec(
        "INSERT OR REPLACE INTO tallies (period, at, tally) VALUES (?, ?, ?)",
        ...[period, at, JSON.stringify(tally)],
      );
    this.#changed.clear();
    for (const [period, { keptMs }] of Object.entries(periods))
      this.#sql.exec("DELETE FROM tallies WHERE period = ? AND at < ?", period, now - keptMs);
  }

  /** The numbers of the last hour, day, week or month. */
  series(span: Span, now: number): { points: NumbersPoint[]; total: Numbers } {
    const { period } = spans[span];
    const written = this.#sql
      .exec<{ at: number; tally: string }>(
        "SELECT at, tally FROM tallies WHERE period = ? AND at >= ?",
        ...[period, startOf(span, now)],
      )
      .toArray();
    const tallies = new Map(written.map(({ at, tally }) => [at, read(tally)]));
    for (const changed of this.#changed.values()) if (changed.period === period) tallies.set(changed.at, changed.tally);
    return seriesOf(
      [...tallies].map(([at, tally]) => ({ at, tally })),
      { span, now },
    );
  }

  #tallyAt(period: Changed["period"], at: number): Tally {
    const key = `${period} ${at}`;
    const changed = this.#changed.get(key) ?? { period, at, tally: this.#written(period, at) ?? emptyTally() };
    this.#changed.set(key, changed);
    return changed.tally;
  }

  #written(period: string, at: number): Tally | undefined {
    const [row] = this.#sql
      .exec<{ tally: string }>("SELECT tally FROM tallies WHERE period = ? AND at = ?", period, at)
      .toArray();
    return row && read(row.tally);
  }
}

/** One that another version wrote, and that cannot be read, counts as nothing. */
function read(json: string): Tally {
  return Tally.safeParse(JSON.parse(json)).data ?? emptyTally();
}
