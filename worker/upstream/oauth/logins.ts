import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Registry, ServerEntry } from "../../../core/registry/registry.ts";
import { LoginFailure } from "./failure.ts";
import { attemptKey, attemptPrefix, clientPrefix, loginPrefix } from "./keys.ts";
import type { LoginReturn } from "./protocol.ts";
import { Attempt, Login } from "./records.ts";
import { type LoginParts, type LoginTicket, ServerLogin } from "./server-login.ts";

/** What a browser is answered that opened a login link, and one that came back from where it led. */
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

  /** Its entry changed, or went. */
  drop(id: string): void {
    this.#byServer.delete(id);
  }

  /** Forgets the logins of servers that are gone, are reached elsewhere or take none. */
  keepOnly({ servers, problems }: Registry): void {
    const { vault } = this.#parts;
    for (const prefix of [loginPrefix, clientPrefix]) {
      for (const key of vault?.keys(prefix) ?? []) {
        const server = servers.find(({ id }) => key === prefix + id);
        // A comma too many in the file is no reason to log everybody out.
        if (server === undefined && problems.length > 0) continue;
        if (server === undefined || server.auth !== "oauth" || this.#isForeign(key, server)) vault?.remove(key);
      }
    }
  }

  /** Sends a browser to the authorization server. */
  async begin(server: ServerEntry | undefined, ticket: Omit<LoginTicket, "server">): Promise<LoginBegun> {
    if (server === undefined) return gone;
    this.#forgetOldAttempts();
    return this.#answering(server, async () => {
      const url = await this.of(server).begin(ticket);
      return { kind: "go", url: url.href };
    });
  }

  /** Takes what the authorization server sent a browser back with. An attempt is good for one return, whatever comes of it. */
  async finish(
    attempt: string,
    { servers, ...returned }: LoginReturn & { servers: readonly ServerEntry[] },
  ): Promise<LoginFinished> {
    const { vault, clock } = this.#parts;
    const known = vault?.read(attemptKey(attempt), Attempt);
    vault?.remove(attemptKey(attempt));
    if (known === undefined || clock.now() >= known.begunAt + limits.loginAttemptMs)
      return { kind: "failed", message: "This login is over already. Begin a new one: ask your agent for the address." };
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
      // The entry itself is at fault: it says so by name.
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

  /** Those whose time is over, and the oldest beyond the bound. */
  #forgetOldAttempts(): void {
    const { vault, clock } = this.#parts;
    const begun = (vault?.keys(attemptPrefix) ?? [])
      .map((key) => ({ key, begunAt: vault?.read(key, Attempt)?.begunAt ?? 0 }))
      .sort((a, b) => b.begunAt - a.begunAt);
    for (const [place, { key, begunAt }] of begun.entries()) {
      if (place >= limits.loginAttemptsMax - 1 || clock.now() >= begunAt + limits.loginAttemptMs) vault?.remove(key);
    }
  }
}

const gone: LoginFailed = { kind: "failed", message: "This server is no longer in the registry." };
