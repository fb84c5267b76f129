import type { NumberedLine } from "./audit-outbox.ts";

/** The records of the whole deployment, oldest first, as many as its bytes hold. */
export interface AuditRing {
  /** @returns the position of the line: ascending, and never used again */
  add(line: string): number;
  /** The lines after a position. */
  after(position: number, linesMax: number): NumberedLine[];
  /**
   * The newest lines before a position in which these fields have these values, among the `rowsMax` positions before it; and where
   * the look ended, for the next one.
   */
  newest(fields: Readonly<Record<string, string>>, range: NewestRange): { lines: NumberedLine[]; endedAt: number };
  /** The position of the first line that is not older than a time, such as 2026-11-30T12:00; lines are nearly in the order of time. */
  positionAt(time: string): number;
  bytes(): number;
}

interface NewestRange {
  before: number;
  linesMax: number;
  rowsMax: number;
  /** Only lines that have the same `by` as some line near them in which these fields have these values. */
  beside?: { by: string; fields: Readonly<Record<string, string>> } | undefined;
}

/** How many positions around those that are looked at may have a line that is beside one of them. */
const besideRowsMax = 2_000;

/** One ring of a table that several share, each with bytes of its own, so that one cannot push out what another holds. */
export function createAuditRing(
  { sql }: DurableObjectStorage,
  { ring, bytesMax }: { ring: string; bytesMax: number },
): AuditRing {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS audit (position INTEGER PRIMARY KEY AUTOINCREMENT, ring TEXT NOT NULL, line TEXT NOT NULL)",
  );
  sql.exec("CREATE INDEX IF NOT EXISTS audit_by_ring ON audit (ring, position)");
  let bytes = sql
    .exec<{ bytes: number }>("SELECT coalesce(sum(octet_length(line)), 0) AS bytes FROM audit WHERE ring = ?", ring)
    .one().bytes;

  function dropOldest(): void {
    const [dropped] = sql
      .exec<{ bytes: number }>(
        "DELETE FROM audit WHERE position = (SELECT min(position) FROM audit WHERE ring = ?) RETURNING octet_length(line) AS bytes",
        ring,
      )
      .toArray();
    bytes = dropped === undefined ? 0 : bytes - dropped.bytes;
  }

  return {
    add(line) {
      const { position, size } = sql
        .exec<{ position: number; size: number }>(
          "INSERT INTO audit (ring, line) VALUES (?, ?) RETURNING position, octet_length(line) AS size",
          ring,
          line,
        )
        .one();
      bytes += size;
      while (bytes > bytesMax) dropOldest();
      return position;
    },
    after: (position, linesMax) =>
      sql
        .exec<{ number: number; line: string }>(
          "SELECT position AS number, line FROM audit WHERE ring = ? AND position > ? ORDER BY position LIMIT ?",
          ring,
          position,
          linesMax,
        )
        .toArray(),
    newest(fields, { before, linesMax, rowsMax, beside }) {
      const { last } = sql.exec<{ last: number }>("SELECT coalesce(max(position), 0) AS last FROM audit").one();
      const from = Math.max(0, Math.min(before, last + 1) - rowsMax);
      const own = within(fields, { ring, from, before });
      const others = beside && within(beside.fields, { ring, from: from - besideRowsMax, before: before + besideRowsMax });
      const and = others ? ` AND json_extract(line, ?) IN (SELECT json_extract(line, ?) FROM audit WHERE ${others.where})` : "";
      const andValues = beside && others ? [`$.${beside.by}`, `$.${beside.by}`, ...others.values] : [];
      const lines = sql
        .exec<{ number: number; line: string }>(
          `SELECT position AS number, line FROM audit WHERE ${own.where}${and} ORDER BY position DESC LIMIT ?`,
          ...own.values,
          ...andValues,
          linesMax,
        )
        .toArray();
      return { lines, endedAt: lines.length < linesMax ? from : (lines.at(-1)?.number ?? from) };
    },
    positionAt(time) {
      let [from, to] = [0, sql.exec<{ last: number }>("SELECT coalesce(max(position), 0) AS last FROM audit").one().last + 1];
      while (from < to) {
        const middle = Math.floor((from + to) / 2);
        const [row] = sql
          .exec<{ position: number; time: string }>(
            "SELECT position, json_extract(line, '$.time') AS time FROM audit WHERE ring = ? AND position >= ? ORDER BY position LIMIT 1",
            ring,
            middle,
          )
          .toArray();
        if (row === undefined || row.time >= time) to = middle;
        else from = row.position + 1;
      }
      return to;
    },
    bytes: () => bytes,
  };
}

/** The condition for the lines of a ring between two positions in which these fields have these values. */
function within(
  fields: Readonly<Record<string, string>>,
  { ring, from, before }: { ring: string; from: number; before: number },
): { where: string; values: (string | number)[] } {
  const names = Object.keys(fields);
  return {
    where: `ring = ? AND position < ? AND position >= ?${names.map(() => " AND json_extract(line, ?) = ?").join("")}`,
    values: [ring, before, from, ...names.flatMap((name) => [`$.${name}`, fields[name] ?? ""])],
  };
}
