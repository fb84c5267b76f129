import { env, RpcTarget } from "cloudflare:workers";
import type { Outcome } from "../../core/execute.ts";
import type { LogLine, Progress } from "../../core/ports.ts";

/** One execute_mcp_code in a session of its own, as the HTTP face makes it. */
export async function run(
  input: object,
  { session = crypto.randomUUID(), ...hear }: { session?: string } & Hearing = {},
): Promise<Outcome> {
  const stub = env.SESSIONS.getByName(`owner/${session}`);
  using handle = await stub.startRun(input, new Listener(hear));
  return handle.outcome();
}

interface Hearing {
  onProgress?: (progress: Progress) => void;
  onPrinted?: (lines: LogLine[], leastLevel: string | undefined) => void;
}

export class Listener extends RpcTarget {
  readonly #hear: Hearing;

  constructor(hear: Hearing = {}) {
    super();
    this.#hear = hear;
  }

  async progressed(progress: Progress): Promise<void> {
    this.#hear.onProgress?.(progress);
  }

  async printed(lines: LogLine[], leastLevel: string | undefined): Promise<void> {
    this.#hear.onPrinted?.(lines, leastLevel);
  }
}
