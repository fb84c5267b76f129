import { auditLimits } from "../../core/audit/audit-limits.ts";

/** What hands the audit on, where it is bound. */
export interface DrainEnv {
  /** A queue of records, for whoever keeps them elsewhere. */
  AUDIT_QUEUE?: Queue;
  /** Under `npm start`: keeps a file of them. See bridge/local/audit-file.ts. */
  SANDBOX_HOST?: Fetcher;
}

/** Where records go besides the trail. */
export interface AuditDrain {
  /** Of the lines that it takes at once. */
  charsMax: number;
  /** @throws when they did not arrive */
  send(lines: readonly string[]): Promise<void>;
}

export function drainOf({ AUDIT_QUEUE, SANDBOX_HOST }: DrainEnv): AuditDrain | undefined {
  if (AUDIT_QUEUE) return queueDrain(AUDIT_QUEUE);
  return SANDBOX_HOST && fileDrain(SANDBOX_HOST);
}

/** A batch of a queue takes 256 KB and a hundred messages; a line is ASCII for the most part. */
function queueDrain(queue: Queue): AuditDrain {
  return {
    charsMax: auditLimits.queuedCharsMax,
    async send(lines) {
      await queue.sendBatch(lines.map((line) => ({ body: JSON.parse(line), contentType: "json" })));
    },
  };
}

function fileDrain(host: Fetcher): AuditDrain {
  return {
    charsMax: auditLimits.charsSentMax,
    async send(lines) {
      const answer = await host.fetch("http://host/audit", { method: "POST", body: `${lines.join("\n")}\n` });
      if (!answer.ok) throw new Error(`the host answers ${answer.status}`);
    },
  };
}
