import type { Account, ApprovalIndex } from "../core/policy/account.ts";
import type { AuditTrail } from "./audit/trail.ts";
import type { Library } from "./objects/library.ts";
import type { Compiler } from "./sandbox/compiler/compiler-entrypoint.ts";
import type { Sandbox } from "./sandbox/entrypoint.ts";
import type { Variables } from "./settings.ts";

/** The bindings and variables of wrangler.toml that a session uses. */
export interface SessionEnv extends Variables {
  /** The saved programs of each principal. */
  LIBRARIES: DurableObjectNamespace<Library>;
  /** The audit of all sessions. */
  AUDIT: DurableObjectNamespace<AuditTrail>;
  /** Where the audit's records go besides, where it is bound. */
  AUDIT_QUEUE?: Queue;
  /** What all sessions of a principal share, by its name. */
  ACCOUNTS: DurableObjectNamespace<Account & ApprovalIndex & Rpc.DurableObjectBranded>;
  /** The process that reads programs under `npm start`; see worker/compiler-service.ts. */
  COMPILER?: Service<typeof Compiler>;
  /** Static files: the scripts and the style of the console. Never served as they lie there. */
  ASSETS: Fetcher;
  /** Loads the isolates that run programs. Absent under `npm start`, where the sandbox processes load them. */
  LOADER?: WorkerLoader;
  /** Two processes that run the programs under `npm start`. The second starts when a program blocks the first. */
  SANDBOX?: Service<typeof Sandbox>;
  SANDBOX_SPARE?: Service<typeof Sandbox>;
  /** The one for sandbox sessions: a program that is stopped there takes none of those with it that called it. */
  SANDBOX_SHELL?: Service<typeof Sandbox>;
  /** Starts, watches and replaces those processes: see bridge/sandbox/control-server.ts. */
  SANDBOX_HOST?: Fetcher;
}

/** The one object that keeps the audit. */
export function trailOf({ AUDIT }: SessionEnv): DurableObjectStub<AuditTrail> {
  return AUDIT.getByName("audit");
}

/** Whether this is `npm start`: Worker, bridge and secrets belong to one user on one machine. */
export function isLocal(env: SessionEnv): boolean {
  return env.SANDBOX_HOST !== undefined;
}
