import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Registry, ServerEntry } from "../../../core/registry/registry.ts";
import { LoginFailure } from "./failure.ts";
import { attemptKey, attemptPrefix, clientPrefix, loginPrefix } from "./keys.ts";
import { loginLimits } from "./login-limits.ts";
import type { LoginReturn } from "./protocol.ts";
import { Attempt, Login } from "./records.ts";
import { type LoginParts, type LoginTicket, ServerLogin } from "./server-login.ts";

/** The outcome for the browser that opened a login link, and for the one that returned from the authorization server. */
export type LoginBegun = { kind: "go"; url: string } | LoginFailed;
export type LoginFinished = { kind: "logged_in"; server: string; title: string } | LoginFailed;
type LoginFailed = { kind: "failed"; message: string };

/** The logins of one session. */
export class Logins {
  readonly #parts: LoginParts;
  readonly #byServer = new Map<string, ServerLogin>();

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  of(server: ServerEntry): ServerLogin {
    const existing = this.#byServer.get(server.id);
    if (existing) return existing;
    const login = new ServerLogin(server, this.#parts);
    this.#byServer.set(server.id, login);
    return login;
  }

  /** To be called when the server's entry was changed or removed. */
  drop(id: string): void {
    this.#byServer.delete(id);
  }

  /** Deletes the logins of servers that were removed, moved to another address, or no longer use OAuth. */
  keepOnly({ servers, problems }: Registry): void {
    const { vault } = this.#parts;
    for (const prefix of [loginPrefix, clientPrefix]) {
      for (const key of vault?.keys(prefix) ?? []) {
        const server = servers.find(({ id }) => key === prefix + id);
        // An entry may be missing only because the registry has a mistake. That must not log anybody out.
        if (server === undefined && problems.length > 0) continue;
        if (server === undefined || server.auth !== "oauth" || this.#isForeign(key, server)) vault?.remove(key);
      }
    }
  }

  /** Starts a login: the URL of the authorization server to redirect the browser to. */
  async begin(server: ServerEntry | undefined, ticket: Omit<LoginTicket, "server">): Promise<LoginBegun> {
    if (server === undefined) return gone;
    this.#deleteOldAttempts();
    return this.#answering(server, async () => {
      const url = await this.of(server).begin(ticket);
      return { kind: "go", url: url.href };
    });
  }

  /** Completes a login with the parameters that the browser returned with. An attempt is used up even if this fails. */
  async finish(
    attempt: string,
    { servers, ...returned }: LoginReturn & { servers: readonly ServerEntry[] },
  ): Promise<LoginFinished> {
    const { vault, clock } = this.#parts;
    const known = vault?.read(attemptKey(attempt), Attempt);
    vault?.remove(attemptKey(attempt));
    if (known === undefined || clock.now() >= known.begunAt + limits.loginAttemptMs)
      return { kind: "failed", message: "This login is over already. Ask your agent for the address, and start a new one." };
    const server = servers.find(({ id }) => id === known.server);
    if (server === undefined) return gone;
    return this.#answering(server, async () => {
      await this.of(server).finish(known, returned);
      return { kind: "logged_in", server: server.id, title: server.title };
    });
  }

  async #answering<T>({ id, title }: ServerEntry, answer: () => Promise<T>): Promise<T | LoginFailed> {
    try {
      return await answer();
    } catch (error) {
      // The registry entry is at fault, and the message names it.
      if (error instanceof UpstreamError) return { kind: "failed", message: error.message };
      if (!(error instanceof LoginFailure)) throw error;
      console.warn({ event: "login_failed", server: id, cause: error.cause instanceof Error ? error.cause.name : undefined });
      return { kind: "failed", message: `${title} ${error.message}` };
    }
  }

  #isForeign(key: string, server: ServerEntry): boolean {
    const login = this.#parts.vault?.read(key, Login);
    const audience = this.of(server).audience();
    return login !== undefined && audience !== undefined && login.audience !== audience;
  }

  /** Deletes expired attempts, and the oldest ones over the bound. */
  #deleteOldAttempts(): void {
    const { vault, clock } = this.#parts;
    const begun = (vault?.keys(attemptPrefix) ?? [])
      .map((key) => ({ key, begunAt: vault?.read(key, Attempt)?.begunAt ?? 0 }))
      .sort((a, b) => b.begunAt - a.begunAt);
    for (const [place, { key, begunAt }] of begun.entries()) {
      if (place >= loginLimits.loginAttemptsMax - 1 || clock.now() >= begunAt + limits.loginAttemptMs) vault?.remove(key);
    }
  }
}

const gone: LoginFailed = { kind: "failed", message: "This server is no longer in the registry." };
