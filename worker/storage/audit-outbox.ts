import { auditLimits } from "../../core/audit/audit-limits.ts";
import { type AuditRecord, lineOf } from "../../core/audit/record.ts";
import type { AuditSink } from "../../core/audit/sink.ts";

/** A line of the audit, and its place among those of its session. */
export interface NumberedLine {
  number: number;
  line: string;
}

/**
 * The records of a session until the trail has them, in the SQLite of its Durable Object. They are in memory first, because every commit
 * waits for the disk.
 */
export interface AuditOutbox extends AuditSink {
  /** Writes down what is in memory, in one transaction: durable before anything that the session sends afterwards. */
  commit(): void;
  /** The next written lines to send, oldest first; as many as one message takes. */
  next(): NumberedLine[];
  /** The trail has all up to this one. */
  sent(upTo: number): void;
}

interface Options {
  now: () => number;
  /** Something waits for a commit. */
  onChange: () => void;
}

/**
 * Creates the tables, and adds what was open when the last process died. Numbers begin with the time, so that those of a session that
 * was deleted are not used again.
 */
export function createAuditOutbox({ sql }: DurableObjectStorage, { now, onChange }: Options): AuditOutbox {
  sql.exec("CREATE TABLE IF NOT EXISTS audit_outbox (number INTEGER PRIMARY KEY, line TEXT NOT NULL)");
  sql.exec("CREATE TABLE IF NOT EXISTS audit_open (number INTEGER PRIMARY KEY, line TEXT NOT NULL)");
  const encoder = new TextEncoder();
  let { last, bytes } = sql
    .exec<{ last: number; bytes: number }>(`SELECT coalesce(max(number), 0) AS last, ${sumOfBytes} FROM audit_outbox`)
    .one();
  let added: AuditRecord[] = [];
  let opened = 0;
  const open = new Map<number, { record: AuditRecord; isWritten: boolean }>();
  let closed: number[] = [];

  function insert(lines: readonly string[]): void {
    for (const group of groupsOf(lines)) {
      const first = Math.max(last + 1, now() * numbersPerMs);
      const json = JSON.stringify(group);
      sql.exec("INSERT INTO audit_outbox (number, line) SELECT ? + key, value FROM json_each(?)", first, json);
      last = first + group.length - 1;
      bytes += encoder.encode(group.join("")).length;
    }
    while (bytes > auditLimits.outboxBytesMax) dropOldest();
  }

  function dropOldest(): void {
    const dropped = sql
      .exec<{ bytes: number }>(
        "DELETE FROM audit_outbox WHERE number = (SELECT min(number) FROM audit_outbox) RETURNING octet_length(line) AS bytes",
      )
      .toArray();
    bytes = dropped[0] === undefined ? 0 : bytes - dropped[0].bytes;
  }

  function measure(): number {
    return sql.exec<{ bytes: number }>(`SELECT ${sumOfBytes} FROM audit_outbox`).one().bytes;
  }

  insert(
    sql
      .exec<{ line: string }>("DELETE FROM audit_open RETURNING line")
      .toArray()
      .map(({ line }) => line),
  );

  return {
    add(record) {
      added.push(record);
      onChange();
    },
    open(record) {
      opened += 1;
      const number = opened;
      open.set(number, { record, isWritten: false });
      onChange();
      return {
        close(ended) {
          if (open.get(number)?.isWritten) closed.push(number);
          open.delete(number);
          added.push(ended);
          onChange();
        },
      };
    },
    commit() {
      for (const number of closed) sql.exec("DELETE FROM audit_open WHERE number = ?", number);
      insert(added.map(lineOf));
      for (const [number, kept] of open) {
        if (!kept.isWritten) sql.exec("INSERT INTO audit_open (number, line) VALUES (?, ?)", number, lineOf(kept.record));
        kept.isWritten = true;
      }
      [added, closed] = [[], []];
    },
    next() {
      const lines: NumberedLine[] = [];
      let chars = 0;
      const rows = sql.exec<{ number: number; line: string }>(
        "SELECT number, line FROM audit_outbox ORDER BY number LIMIT ?",
        auditLimits.recordsSentMax,
      );
      for (const { number, line } of rows) {
        chars += line.length;
        if (lines.length > 0 && chars > auditLimits.charsSentMax) break;
        lines.push({ number, line });
      }
      return lines;
    },
    sent(upTo) {
      sql.exec("DELETE FROM audit_outbox WHERE number <= ?", upTo);
      bytes = measure();
    },
  };
}

/** Lines that one statement takes: a run has one, because a statement costs more than what it writes. */
function groupsOf(lines: readonly string[]): string[][] {
  const groups: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (chars + line.length > groupCharsMax) {
      groups.push([]);
      chars = 0;
    }
    groups.at(-1)?.push(line);
    chars += line.length;
  }
  return groups;
}

/** A value of SQLite has 2 MB at most. Escapes double a text, and some characters have three bytes. */
const groupCharsMax = 400_000;

const sumOfBytes = "coalesce(sum(octet_length(line)), 0) AS bytes";

/** More than a session writes in a millisecond; the numbers stay exact for two centuries. */
const numbersPerMs = 1_024;
