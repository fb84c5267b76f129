import { createHash } from "node:crypto";
import type { ArgumentsMode } from "../../core/audit/arguments.ts";
import { type Audit, createAudit } from "../../core/audit/audit.ts";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { type Counts, countRecord, noCounts } from "../../core/audit/metrics.ts";
import { type AuditRecord, withShortNames } from "../../core/audit/record.ts";
import type { AuditSink } from "../../core/audit/sink.ts";
import type { Clock } from "../../core/clock.ts";
import type { Redact } from "../../core/registry/redaction.ts";
import { createAuditOutbox, type NumberedLine } from "../storage/audit-outbox.ts";

export interface SessionAuditOptions {
  storage: DurableObjectStorage;
  /** `<principal>/<session>` */
  name: string;
  clock: Clock;
  newRunId: () => string;
  mode: ArgumentsMode;
  redact: () => Redact | undefined;
  /** Sends records to the trail. Rejects when they may not have arrived. */
  send: (lines: readonly NumberedLine[]) => Promise<void>;
  waitUntil: (work: Promise<void>) => void;
  /** Records wait that could not be sent. */
  onFailure: () => void;
}

export interface SessionAudit extends Audit {
  /** What was counted of this session's records since it was loaded. */
  counts(): Counts;
  /** Sends what waits. Resolves when it was sent, or could not be. */
  send(): Promise<void>;
}

/**
 * The audit of one session: written into its own storage first, so that nothing is answered that is not written down, then sent on.
 * Both wait for the disk, so that calls are written together with their run, and what comes soon after another is sent with it.
 */
export function createSessionAudit(options: SessionAuditOptions): SessionAudit {
  const { storage, name, clock, mode, redact, newRunId } = options;
  const [principal = "", session = ""] = name.split("/");
  const outbox = createAuditOutbox(storage, { now: clock.now, onChange: commitSoon });
  const counts = noCounts();
  const count = (record: AuditRecord) => countRecord(counts, withShortNames(record));
  const audit = createAudit({
    ...{ sink: counting(outbox, count), clock, principal, session, mode, redact },
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    newRunId,
  });
  /** Since when something waits for a commit. */
  let waitsSince: number | undefined;
  let isWatching = false;
  let cancelSend: (() => void) | undefined;
  let isSending = false;
  let sending: Promise<void> = Promise.resolve();
  let sentAt = Number.NEGATIVE_INFINITY;

  /** What is under way for longer than this survives the process. */
  function commitSoon(): void {
    waitsSince ??= clock.now();
    if (!isWatching) watch(auditLimits.commitMs);
  }

  /** One timer for all that begins and ends meanwhile: most runs are shorter, and a timer for each costs as much as its record. */
  function watch(ms: number): void {
    isWatching = true;
    clock.after(ms, () => {
      isWatching = false;
      if (waitsSince === undefined) return;
      const waitMs = waitsSince + auditLimits.commitMs - clock.now();
      if (waitMs <= 0) commit();
      else watch(waitMs);
    });
  }

  function commit(): void {
    waitsSince = undefined;
    outbox.commit();
    if (clock.now() - sentAt >= auditLimits.quietMs) startSending();
    else cancelSend ??= clock.after(auditLimits.sendMs, startSending);
  }

  function startSending(): void {
    cancelSend?.();
    cancelSend = undefined;
    if (isSending) return;
    isSending = true;
    sending = sendAll();
    options.waitUntil(sending);
  }

  async function sendAll(): Promise<void> {
    try {
      for (let lines = outbox.next(); lines.length > 0; lines = outbox.next()) {
        await options.send(lines);
        sentAt = clock.now();
        outbox.sent(lines.at(-1)?.number ?? 0);
      }
    } catch (error) {
      console.warn({ event: "audit_not_sent", error: String(error) });
      options.onFailure();
    } finally {
      isSending = false;
    }
  }

  return {
    counts: () => counts,
    note(record) {
      audit.note(record);
      commit();
    },
    run(request) {
      const run = audit.run(request);
      return {
        ...run,
        end(outcome) {
          run.end(outcome);
          commit();
        },
      };
    },
    async send() {
      waitsSince = undefined;
      outbox.commit();
      startSending();
      await sending;
    },
  };
}

/** The same sink, of which each record is counted when it is final. */
function counting(sink: AuditSink, count: (record: AuditRecord) => void): AuditSink {
  return {
    add(record) {
      sink.add(record);
      count(record);
    },
    open(record) {
      const open = sink.open(record);
      return {
        close(closed) {
          open.close(closed);
          count(closed);
        },
      };
    },
  };
}
