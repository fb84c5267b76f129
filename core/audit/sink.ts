import type { AuditRecord } from "./record.ts";

/** Where a session's records go. Synchronous: nothing leaves the session before the records that were added earlier are durable. */
export interface AuditSink {
  add(record: AuditRecord): void;
  /** Keeps a record of what is under way. It is added as it is if the process dies before it is closed. */
  open(record: AuditRecord): OpenRecord;
}

export interface OpenRecord {
  /** Adds this record in place of the one that was kept. */
  close(record: AuditRecord): void;
}
