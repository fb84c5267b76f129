import { DurableObject } from "cloudflare:workers";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { exposition, type Gauge } from "../../core/audit/exposition.ts";
import { Counted, Counts, countRecord, noCounts } from "../../core/audit/metrics.ts";
import type { Numbers, NumbersPoint, Span } from "../../core/audit/tally-series.ts";
import type { NumberedLine } from "../storage/audit-outbox.ts";
import { createAuditRing } from "../storage/audit-ring.ts";
import { type DrainEnv, drainOf } from "./drain.ts";
import { type KnownSession, KnownSessions, type SessionState } from "./known-sessions.ts";
import { type ServerDay, ServerDays } from "./server-days.ts";
import { Tallies } from "./tallies.ts";

/** One page of the audit. */
export interface AuditPage {
  lines: string[];
  /** Where the next page begins. */
  cursor: number;
}

/** What was counted, and the position up to which. */
const countsKey = "counts";
/** The position up to which records were handed on. */
const drainedKey = "drained";

/**
 * The audit of the whole deployment, one object: it keeps the records that sessions send, and those of refused requests, counts them
 * for /metrics, and hands them on where a queue or a file is bound. A session keeps its records until they are here.
 */
export class AuditTrail extends DurableObject<DrainEnv> {
  readonly #records = createAuditRing(this.ctx.storage, { ring: "records", bytesMax: auditLimits.trailBytesMax });
  /** Of callers who were not let in: they must not push out the others. */
  readonly #strangers = createAuditRing(this.ctx.storage, { ring: "strangers", bytesMax: auditLimits.strangersBytesMax });
  readonly #sessions = new KnownSessions(this.ctx.storage);
  readonly #tallies = new Tallies(this.ctx.storage);
  readonly #serverDays = new ServerDays(this.ctx.storage);
  readonly #drain = drainOf(this.env);
  readonly #counts: Counts;
  #counted: number;
  #isWaiting = false;
  #isDraining = false;

  constructor(ctx: DurableObjectState, env: DrainEnv) {
    super(ctx, env);
    const kept = ctx.storage.kv.get<{ counts: unknown; position: number }>(countsKey);
    this.#counts = Counts.safeParse(kept?.counts).data ?? noCounts();
    this.#counted = kept?.position ?? 0;
    this.#countRest();
  }

  /** Adds records of a session, each once however often it is sent. */
  append(state: SessionState, lines: readonly NumberedLine[]): void {
    const last = this.#sessions.lastNumber(state.name);
    for (const { number, line } of lines) if (number > last) this.#records.add(line);
    this.#sessions.seen(state, lines.at(-1)?.number ?? last);
    this.#added();
  }

  /** Adds records that belong to no session. */
  note(of: "records" | "strangers", lines: readonly string[]): void {
    const ring = of === "records" ? this.#records : this.#strangers;
    for (const line of lines) ring.add(line);
    this.#added();
  }

  /** The records after a position, in the order in which they came in. */
  page(after: number): AuditPage {
    const rows = this.#after(after, auditLimits.recordsReadMax);
    return { lines: rows.map(withCursor), cursor: rows.at(-1)?.number ?? after };
  }

  /**
   * The runs of a session, or those of them that called a server or had ended by a time, newest first, and where the next page begins; 0
   * when there is none.
   */
  runs(
    of: { principal: string; session: string; outcome?: string },
    { before: position, server, until }: { before: number; server?: string | undefined; until?: string | undefined },
  ): AuditPage {
    const before = until === undefined ? position : Math.min(position, this.#records.positionAt(until));
    const beside =
      server === undefined ? undefined : { by: "run", fields: { principal: of.principal, session: of.session, server } };
    const range = { before, linesMax: auditLimits.runsShownMax, rowsMax: auditLimits.rowsLookedAtMax, beside };
    const { lines, endedAt } = this.#records.newest({ action: "execute", ...of }, range);
    return { lines: lines.map(withCursor), cursor: endedAt };
  }

  /** A run's own record, which is at `position`, and those of its calls, newest first. */
  run(of: { principal: string; run: string }, position: number): string[] {
    const rowsMax = auditLimits.rowsLookedAtMax;
    const range = { before: position + rowsMax / 2, linesMax: auditLimits.recordsReadMax, rowsMax };
    return this.#records.newest(of, range).lines.map(({ line }) => line);
  }

  /** Prometheus text: what was counted, and these. */
  metrics(gauges: readonly Gauge[]): string {
    const { sessions, bridges, bytes } = this.#sessions.sums();
    return exposition(this.#counts, [
      ...gauges,
      { name: "sessions", help: "Sessions that have storage.", value: sessions },
      { name: "bridges", help: "Bridges that were connected when their session wrote its last record.", value: bridges },
      { name: "storage_bytes", help: "Storage by what it holds.", value: bytes, labels: { of: "sessions" } },
      { name: "audit_bytes", help: "Records that the audit holds.", value: this.#records.bytes() + this.#strangers.bytes() },
    ]);
  }

  /** What ran in the last hour, day, week or month, of all principals. */
  numbers(span: Span): { points: NumbersPoint[]; total: Numbers } {
    return this.#tallies.series(span, Date.now());
  }

  /** The calls of a server by one principal, since midnight UTC. */
  serverToday(of: { principal: string; server: string }): ServerDay {
    return this.#serverDays.today(of, Date.now());
  }

  /** The sessions of which records may be on their way: those that sent some a short time ago. */
  recentSessions(): string[] {
    const since = Date.now() - auditLimits.quietMs - 2 * auditLimits.sendMs;
    const recent = this.#sessions.all().filter(({ seenAt }) => seenAt >= since);
    return recent.slice(0, auditLimits.sessionsAskedMax).map(({ name }) => name);
  }

  sessions(): KnownSession[] {
    return this.#sessions.all();
  }

  /** The session was deleted. */
  forget(session: string): void {
    this.#sessions.remove(session);
  }

  /** Answers when the storage does. */
  ping(): void {
    this.ctx.storage.sql.exec("SELECT 1").one();
  }

  override async alarm(): Promise<void> {
    await this.#handOn();
  }

  #added(): void {
    this.#countRest();
    if (this.#drain === undefined || this.#isWaiting) return;
    // One write for the records of a second.
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      this.ctx.waitUntil(this.#handOn());
    }, auditLimits.sendMs);
  }

  /** Counts what was added since. The counts are written down now and then; until then the records themselves stand for them. */
  #countRest(): void {
    const before = this.#counted;
    for (let rows = this.#after(before, auditLimits.recordsReadMax); rows.length > 0; ) {
      for (const { number, line } of rows) {
        const record: unknown = JSON.parse(line);
        const counted = Counted.safeParse(record);
        if (counted.success) countRecord(this.#counts, counted.data);
        this.#tallies.count(record);
        this.#serverDays.count(record);
        this.#counted = number;
      }
      rows = this.#after(this.#counted, auditLimits.recordsReadMax);
    }
    const isDue = Math.floor(before / countsKeptEvery) !== Math.floor(this.#counted / countsKeptEvery);
    if (!isDue) return;
    this.ctx.storage.kv.put(countsKey, { counts: this.#counts, position: this.#counted });
    this.#tallies.keep(Date.now());
    this.#serverDays.keep(Date.now());
  }

  #after(position: number, linesMax: number): NumberedLine[] {
    const rows = [...this.#records.after(position, linesMax), ...this.#strangers.after(position, linesMax)];
    return rows.sort((a, b) => a.number - b.number).slice(0, linesMax);
  }

  /** Hands records on, each at least once: what cannot be handed on now waits here. */
  async #handOn(): Promise<void> {
    const drain = this.#drain;
    if (drain === undefined || this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (;;) {
        const waiting = this.#after(this.ctx.storage.kv.get<number>(drainedKey) ?? 0, auditLimits.recordsHandedOnMax);
        const rows = startOf(waiting, drain.charsMax);
        const last = rows.at(-1)?.number;
        if (last === undefined) return;
        await drain.send(rows.map(withCursor));
        this.ctx.storage.kv.put(drainedKey, last);
      }
    } catch (error) {
      console.warn({ event: "audit_not_handed_on", error: String(error) });
      await this.ctx.storage.setAlarm(Date.now() + auditLimits.sendAgainMs);
    } finally {
      this.#isDraining = false;
    }
  }
}

/** The first rows that fit, and at least one. */
function startOf(rows: readonly NumberedLine[], charsMax: number): readonly NumberedLine[] {
  let chars = 0;
  const end = rows.findIndex(({ line }, index) => {
    chars += line.length;
    return index > 0 && chars > charsMax;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

/** After so many records the counts are written down, so that a start has no more than these to count again. */
const countsKeptEvery = 500;

/** The line with its position as its last field, from which a reader goes on. */
function withCursor({ number, line }: NumberedLine): string {
  return `${line.slice(0, -1)},"cursor":"${number}"}`;
}
