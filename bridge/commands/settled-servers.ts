import { setTimeout as delay } from "node:timers/promises";
import type { LocalStack } from "../local/local-stack.ts";
import type { World } from "./command.ts";
import { type ListedServer, listServers } from "./listing-client.ts";

/** How long to wait for servers that are still starting. They keep starting after it. */
const settleMs = 30_000;
const settlePollMs = 300;

interface SettledOptions {
  world: World;
  stack: Pick<LocalStack, "url" | "authToken">;
}

/** Follows the servers of `npm start` until they are ready or have failed, and logs each one that is ready, once. */
export class SettledServers {
  readonly #world: World;
  readonly #stack: SettledOptions["stack"];
  readonly #logged = new Set<string>();

  constructor({ world, stack }: SettledOptions) {
    this.#world = world;
    this.#stack = stack;
  }

  /** @param expected ids of the servers to wait for; others are listed as they are */
  async wait(expected: ReadonlySet<string>): Promise<ListedServer[]> {
    const { signal } = this.#world;
    const deadline = performance.now() + settleMs;
    for (;;) {
      const servers = await listServers({ ...this.#stack, signal }).catch((error: unknown) => {
        if (signal.aborted) return [];
        // The Worker may restart right after its first answer.
        if (performance.now() < deadline) return undefined;
        throw error;
      });
      if (servers !== undefined) {
        this.#logReady(servers);
        const isSettled = servers.every(({ id, status }) => !expected.has(id) || settled.includes(status));
        if (isSettled || signal.aborted || performance.now() > deadline) return servers;
      }
      await delay(settlePollMs);
    }
  }

  /** After a change of the registry file: says of each server that is new or changed what became of it. */
  async announce(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#logged.delete(id);
    // Until then the Worker may still list the servers as they were.
    await delay(settlePollMs);
    const servers = await this.wait(new Set(ids));
    for (const { id, status, reason, url } of servers) {
      if (!ids.includes(id) || this.#logged.has(id)) continue;
      this.#world.log({ event: "server_unready", server: id, status, reason: reason ?? (url && `log in at ${url}`) });
    }
  }

  #logReady(servers: readonly ListedServer[]): void {
    for (const { id, toolCount } of servers) {
      if (toolCount === undefined || this.#logged.has(id)) continue;
      this.#logged.add(id);
      this.#world.log({ event: "server_ready", server: id, tools: toolCount });
    }
  }
}

const settled: readonly string[] = ["ready", "unavailable", "auth_required"];
