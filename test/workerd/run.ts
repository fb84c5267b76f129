import { env, RpcTarget } from "cloudflare:workers";
import type { Outcome } from "../../core/execute.ts";
import type { Progress } from "../../core/ports.ts";

/** One execute_mcp_code in a session of its own, as the HTTP face makes it. */
export async function run(
  input: object,
  { session = crypto.randomUUID(), onProgress = (_: Progress) => {} } = {},
): Promise<Outcome> {
  const stub = env.SESSIONS.getByName(`owner/${session}`);
  using handle = await stub.startRun(input, new Listener(onProgress));
  return handle.outcome();
}

export class Listener extends RpcTarget {
  readonly #onProgress: (progress: Progress) => void;

  constructor(onProgress: (progress: Progress) => void = () => {}) {
    super();
    this.#onProgress = onProgress;
  }

  async progressed(progress: Progress): Promise<void> {
    this.#onProgress(progress);
  }
}
