import { type AuditAction, type AuditOutcome, type AuditRecord, timeOf } from "./record.ts";
import { createRunAudit, type RunAudit, type RunAuditParts } from "./run-audit.ts";

export interface AuditParts extends RunAuditParts {
  principal: string;
  session: string;
}

/** Writes down what one session does. */
export interface Audit {
  /** Anything but a run and its calls. */
  note(record: Noted): void;
  /** A run that begins now, or a known one that goes on. The input is as it came in. */
  run(request: { requestId: string | undefined; input: unknown; run?: string | undefined }): RunAudit;
}

/** Records of the session's own principal, unless another one acted. */
export interface Noted extends Omit<AuditRecord, "time" | "outcome" | "action" | "session"> {
  action: AuditAction;
  /** `succeeded` if left out. */
  outcome?: AuditOutcome;
  /** When it began, in milliseconds since the epoch. Left out, it took no time. */
  startedAt?: number;
}

export function createAudit(parts: AuditParts): Audit {
  const { sink, clock, principal, session } = parts;
  return {
    note({ startedAt, outcome = "succeeded", ...record }) {
      const now = clock.now();
      const took = startedAt === undefined ? {} : { durationMs: now - startedAt };
      sink.add({ time: timeOf(startedAt ?? now), principal, session, ...record, outcome, ...took });
    },
    run: (request) => createRunAudit(parts, { ...request, who: { principal, session } }),
  };
}
