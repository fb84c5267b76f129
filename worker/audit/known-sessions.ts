/** What a session says of itself with its records. */
export interface SessionState {
  /** `<principal>/<session>` */
  name: string;
  bridges: number;
  bytes: number;
}

export interface KnownSession extends SessionState {
  /** When it wrote its last record, in milliseconds since the epoch. */
  seenAt: number;
}

/** The sessions that have storage, since their first record. */
export class KnownSessions {
  readonly #sql: SqlStorage;

  constructor({ sql }: DurableObjectStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS sessions (name TEXT PRIMARY KEY, number INTEGER NOT NULL, seenAt INTEGER NOT NULL, bridges INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID",
    );
  }

  /** The number of the last record that arrived. */
  lastNumber(name: string): number {
    return this.#sql.exec<{ number: number }>("SELECT number FROM sessions WHERE name = ?", name).toArray()[0]?.number ?? 0;
  }

  seen({ name, bridges, bytes }: SessionState, number: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO sessions (name, number, seenAt, bridges, bytes) VALUES (?, ?, ?, ?, ?)",
      ...[name, number, Date.now(), bridges, bytes],
    );
  }

  remove(name: string): void {
    this.#sql.exec("DELETE FROM sessions WHERE name = ?", name);
  }

  /** Those used last come first. */
  all(): KnownSession[] {
    const rows = this.#sql.exec<{ name: string; seenAt: number; bridges: number; bytes: number }>(
      "SELECT name, seenAt, bridges, bytes FROM sessions ORDER BY seenAt DESC LIMIT ?",
      sessionsShownMax,
    );
    return rows.toArray();
  }

  sums(): { sessions: number; bridges: number; bytes: number } {
    return this.#sql
      .exec<{ sessions: number; bridges: number; bytes: number }>(
        "SELECT count(*) AS sessions, coalesce(sum(bridges), 0) AS bridges, coalesce(sum(bytes), 0) AS bytes FROM sessions",
      )
      .one();
  }
}

const sessionsShownMax = 1_000;
