import { DurableObject, type RpcStub } from "cloudflare:workers";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { lineOf } from "../../core/audit/record.ts";
import { isReachedByBridge, type ServerEntry } from "../../core/registry/registry.ts";
import { resumeTokenIn } from "../../core/run/execute-input.ts";
import type { LiveRun } from "../../core/run/live-run.ts";
import type { RunClient, RunDesk } from "../../core/run/run-desk.ts";
import { SuspendedRuns } from "../../core/run/suspended-runs.ts";
import type { ServedSkill, SkillCaller } from "../../core/saved/skill.ts";
import { heartbeat } from "../../core/tunnel/frames.ts";
import { type SessionEnv, trailOf } from "../bindings.ts";
import { systemClock } from "../clock.ts";
import { type Composition, compose } from "../compose.ts";
import type { ElicitationAnswers } from "../mcp/elicitation.ts";
import type { LogLevel } from "../mcp/live.ts";
import type { McpRequest } from "../mcp/mcp-session.ts";
import { endedMcpSessions } from "../said-here.ts";
import { readSettings } from "../settings.ts";
import type { LoginBegun, LoginFinished } from "../upstream/oauth/logins.ts";
import type { LoginReturn } from "../upstream/oauth/protocol.ts";
import type { LoginTicket } from "../upstream/oauth/server-login.ts";
import { Alarms } from "./alarms.ts";
import { type AskOptions, answered, serverIn } from "./answer-records.ts";
import { CancellableRuns } from "./cancellable-runs.ts";
import { Desk } from "./desk.ts";
import { Idle } from "./idle.ts";
import { withRequestIds } from "./request-ids.ts";
import type { RunAudience, RunListener } from "./run-audience.ts";
import type { EndedRun, RunHandle } from "./run-handle.ts";
import { RunningRuns } from "./running-runs.ts";
import { SessionApprovals } from "./session-approvals.ts";
import { startRun } from "./start-run.ts";

/** Not in the store of core/, which knows nothing about protocols. */
const logLevelKey = "mcp/log-level";
/** The origin that callers use for this orchestrator: login links begin with it. */
const originKey = "http/origin";

/** What is known of the client that starts a run. */
interface StartOptions extends RunClient {
  origin?: string;
  /** Under which it cancels the run. */
  request?: McpRequest | undefined;
  /** Under which it finds the run in logs and in the audit. */
  requestId?: string | undefined;
}

/**
 * One session, named `<principal>/<session>`: its view of the registry, its catalog, the clients of remote servers and the bridges'
 * sockets. Lifecycle only: policy is in core/.
 */
export class Session extends DurableObject<SessionEnv> {
  #composition: Composition | undefined;
  readonly #alarms: Alarms<"audit" | "idle" | "files" | "approvals">;
  readonly #idle: Idle;
  readonly #running = new RunningRuns();
  readonly #suspended = new SuspendedRuns<LiveRun<RunAudience>>({
    clock: systemClock,
    newToken: () => `s_${crypto.randomUUID()}`,
  });
  readonly #cancellable = new CancellableRuns(this.ctx.storage, (ended) => endedMcpSessions.say(this.ctx.id.name ?? "", ended));
  #approvals: SessionApprovals | undefined;
  #isDiscovering = false;

  constructor(ctx: DurableObjectState, env: SessionEnv) {
    super(ctx, env);
    // Answered by the runtime, so that a bridge's heartbeat does not wake the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeat.ping, heartbeat.pong));
    this.#alarms = new Alarms(ctx.storage);
    const { sessionIdleMs: idleMs } = readSettings(env).operator;
    this.#idle = new Idle({ storage: ctx.storage, alarms: this.#alarms, now: systemClock.now, idleMs });
    // What a process that died left open is recorded.
    ctx.waitUntil(this.#parts.audit.send());
  }

  /** Made anew after the session was deleted. */
  get #parts(): Composition {
    this.#composition ??= compose(this.env, {
      ctx: this.ctx,
      onBridge: ({ isArrival, changed }) => {
        if (isArrival) this.#parts.audit.note({ action: "administration", what: "bridge_connected" });
        this.#discover((server) => changed.has(server.id) || (isArrival && isReachedByBridge(server)));
      },
      onFilesExpiry: (at) => this.#alarms.set("files", at),
      onAuditWaits: () => this.#alarms.set("audit", systemClock.now() + auditLimits.sendAgainMs),
      origin: () => this.ctx.storage.kv.get<string>(originKey),
    });
    return this.#composition;
  }

  approvals(): SessionApprovals {
    this.#approvals ??= new SessionApprovals({
      name: this.ctx.id.name?.split("/").at(1) ?? "default",
      suspended: this.#suspended,
      paused: this.#parts.paused,
      origin: () => this.ctx.storage.kv.get<string>(originKey),
      orchestrator: () => this.#parts.orchestrator,
      onChange: (id, state) => this.#parts.noteApproval(id, state),
      onDecision: (decision) => this.#parts.audit.note({ action: "administration", what: `approval_${decision}` }),
      goOn: (desk) => void this.#start(desk),
      onTidy: (at) => this.#alarms.set("approvals", at),
    });
    return this.#approvals;
  }

  instructions(): string {
    return this.#parts.orchestrator.instructions();
  }

  async listCapabilities(input: unknown, options: AskOptions = {}) {
    this.#used(options);
    await this.#parts.saved.sync();
    const startedAt = systemClock.now();
    const { orchestrator } = this.#parts;
    await orchestrator.readyToList(input);
    const answer = orchestrator.listCapabilities(input);
    this.#parts.audit.note({ action: "list", ...answered(answer, { startedAt, ...options }) });
    return withRequestIds(answer, options);
  }

  async describe(input: unknown, options: AskOptions = {}) {
    this.#used(options);
    await this.#parts.saved.syncFor(input);
    const startedAt = systemClock.now();
    const answer = await this.#parts.orchestrator.describe(input);
    this.#parts.audit.note({ action: "describe", server: serverIn(input), ...answered(answer, { startedAt, ...options }) });
    return withRequestIds(answer, options);
  }

  /** The saved programs as skills; with `uri` only that one, with its text. */
  async skills(wanted: { uri?: string | undefined; caller: SkillCaller }, options: AskOptions = {}): Promise<ServedSkill[]> {
    this.#used(options);
    await this.#parts.saved.sync();
    const action = wanted.uri === undefined ? "list" : "describe";
    this.#parts.audit.note({ action, server: "saved", startedAt: systemClock.now(), requestId: options.requestId });
    return this.#parts.saved.skills(wanted);
  }

  /** For the console. */
  desk(): Desk {
    return new Desk(this.#parts, { running: this.#running, suspended: this.#suspended, approvals: this.approvals() });
  }

  /** Starts a run. Returns a handle with a `cancel` method, because RPC cannot pass an AbortSignal. */
  startRun(input: unknown, listener: RpcStub<RunListener>, options: StartOptions): RunHandle | EndedRun {
    const { modes, isDecidedApart, request, requestId } = options;
    const client = { modes, isDecidedApart };
    this.#used(options);
    const resumed = resumeTokenIn(input);
    const approvals = this.approvals();
    if (resumed !== undefined) return approvals.resume(resumed, listener, client);
    const desk = approvals.deskFor({ input, requestId });
    desk.client = client;
    const run = this.#start(desk);
    run.audience.attach(listener);
    if (request) this.#cancellable.add(request, run);
    return approvals.handle(run);
  }

  /** In a new process, if it had one before. */
  #start(desk: RunDesk<LiveRun<RunAudience>>): LiveRun<RunAudience> {
    const logLevel = () => this.ctx.storage.kv.get<LogLevel>(logLevelKey);
    const run = startRun(this.#parts, { desk, suspended: this.#suspended, logLevel });
    this.#running.add(run, { desk, startedAt: systemClock.now() });
    return run;
  }

  /** Continues a run that waits for a person. It is found only by its token, and only in its own session. */
  answerRun(answers: ElicitationAnswers, listener: RpcStub<RunListener>, client: RunClient): RunHandle | EndedRun {
    const run = this.#suspended.take(answers.token);
    const approvals = this.approvals();
    approvals.decideBy(answers, client);
    // The process in which it asked may be lost, or let go because it has waited for long.
    if (run === undefined || run.desk?.run !== run) return approvals.comeBack(answers.token, listener);
    run.audience.attach(listener);
    run.answer(answers.responses);
    return approvals.handle(run);
  }

  /** `notifications/cancelled` of a client of 2025-11-25. */
  cancelRun(request: McpRequest): void {
    this.#cancellable.cancel(request);
  }

  /** A client of 2025-11-25 ended its MCP session. */
  endMcpSession(mcpSession: string): void {
    this.#cancellable.endMcpSession(mcpSession);
  }

  hasMcpSessionEnded(mcpSession: string): boolean {
    return this.#cancellable.hasEnded(mcpSession);
  }

  /** `logging/setLevel` of a client of 2025-11-25. */
  setLogLevel(level: LogLevel): void {
    this.ctx.storage.kv.put(logLevelKey, level);
  }

  /** A browser opened a login link; worker/http has verified its ticket. */
  async beginLogin(ticket: LoginTicket): Promise<LoginBegun> {
    const begun = await this.#parts.beginLogin(ticket);
    const outcome = begun.kind === "go" ? "succeeded" : "failed";
    this.#parts.audit.note({ action: "login", what: "server_login_begun", server: ticket.server, outcome });
    return begun;
  }

  /** A browser returned from an authorization server. */
  async finishLogin(attempt: string, returned: LoginReturn): Promise<LoginFinished> {
    const finished = await this.#parts.finishLogin(attempt, returned);
    const ended = finished.kind === "logged_in" ? { server: finished.server } : { outcome: "failed" as const };
    this.#parts.audit.note({ action: "login", what: "server_login_finished", ...ended });
    return finished;
  }

  /**
   * Deletes everything that the session holds, its logins too. Whoever uses its name next finds it empty.
   * @param deletion which act of administration it is, and whose
   */
  async delete(deletion: { what: string; principal?: string; requestId?: string }): Promise<void> {
    const runs = this.#running.all();
    for (const run of runs) run.cancel();
    await Promise.all(runs.map((run) => run.outcome));
    this.approvals().forgetAll();
    for (const socket of this.ctx.getWebSockets()) socket.close(1001, "the session was deleted");
    const name = this.ctx.id.name ?? "";
    const time = new Date(systemClock.now()).toISOString();
    await this.#parts.audit.send();
    const trail = trailOf(this.env);
    await trail.note("records", [lineOf({ time, action: "administration", outcome: "succeeded", session: name, ...deletion })]);
    await trail.forget(name);
    await this.#parts.files.end();
    this.#composition = undefined;
    this.#approvals = undefined;
    this.#isDiscovering = false;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    endedMcpSessions.say(name, []);
  }

  /** Sends the records that wait, for a reader of the audit. */
  async sendAudit(): Promise<void> {
    await this.#parts.audit.send();
  }

  override async alarm(): Promise<void> {
    const due = this.#alarms.takeDue(systemClock.now());
    if (due.includes("files")) this.#parts.files.removeExpired();
    if (due.includes("approvals")) this.approvals().tidy();
    if (due.includes("audit")) await this.#parts.audit.send();
    const isUsedNow = this.#running.size > 0 || !this.approvals().isEmpty || this.ctx.getWebSockets().length > 0;
    if (due.includes("idle") && this.#idle.isOver({ isUsedNow })) await this.delete({ what: "session_expired" });
  }

  /** Accepts a bridge's socket; worker/http has authorized it. */
  override fetch(request: Request): Response {
    this.#used({ origin: new URL(request.url).origin });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#parts.tunnel.opened(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#parts.tunnel.receive(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#parts.tunnel.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.tunnel.closed(socket);
  }

  /** @param origin of an authorized request, such as https://mcp.example.com */
  #rememberOrigin(origin: string | undefined): void {
    const isNew = origin !== undefined && origin !== this.ctx.storage.kv.get<string>(originKey);
    if (isNew) this.ctx.storage.kv.put(originKey, origin);
  }

  #used({ origin }: AskOptions): void {
    this.#rememberOrigin(origin);
    this.#discoverOnce();
    this.#idle.used();
  }

  /** Once per lifetime of the object: after that, tools that are not in the catalog are listed on use. */
  #discoverOnce(): void {
    if (this.#isDiscovering) return;
    this.#isDiscovering = true;
    this.#discover((server) => !isReachedByBridge(server));
  }

  #discover(canReach: (server: ServerEntry) => boolean): void {
    this.ctx.waitUntil(this.#parts.orchestrator.discover(canReach));
  }
}
