import { limits } from "../../core/limits.ts";
import type { StdioConnection } from "./connection.ts";

/**
 * Tells a server that is slow from one that has stopped to listen while its process lives on, as some do after a minute without use:
 * once a call got no answer, a ping is sent, which any server answers at once.
 */
export class Silence {
  #asked: { connection: StdioConnection; at: number } | undefined;

  /** A request got no answer in its time. */
  ask(connection: StdioConnection, now: number): void {
    if (this.#asked?.connection === connection) return;
    const asked = { connection, at: now };
    this.#asked = asked;
    // A refusal is an answer too, and so is the end of the process.
    const end = () => {
      if (this.#asked === asked) this.#asked = undefined;
    };
    connection.client.ping({ timeout: limits.sdkTimeoutMs }).then(end, end);
  }

  /** It answered another request. */
  end(): void {
    this.#asked = undefined;
  }

  /** For how long it has answered nothing. */
  lastsMs(now: number): number {
    return this.#asked === undefined ? 0 : now - this.#asked.at;
  }
}
