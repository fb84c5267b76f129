import { env, RpcTarget } from "cloudflare:workers";
import type { RunProgress } from "../../core/calls/progress.ts";
import type { RunLine } from "../../core/log-line.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import type { Step } from "../../worker/mcp/elicitation.ts";

/** Runs execute_mcp_code as the HTTP endpoint does, by default in a new session. */
export async function run(
  input: object,
  { principal = "owner", session = crypto.randomUUID(), ...hear }: { principal?: string; session?: string } & Hearing = {},
): Promise<Outcome> {
  const stub = env.SESSIONS.getByName(`${principal}/${session}`);
  using handle = await stub.startRun(input, new Listener(hear), { modes: [] });
  return endOf(await handle.next());
}

/** @throws if the run elicits instead */
export function endOf(step: Step): Outcome {
  if (step.kind === "asks") throw new Error("the run asks a person");
  return step.outcome;
}

interface Hearing {
  onProgress?: (progress: RunProgress) => void;
  onPrinted?: (lines: RunLine[], leastLevel: string | undefined) => void;
}

export class Listener extends RpcTarget {
  readonly #hear: Hearing;

  constructor(hear: Hearing = {}) {
    super();
    this.#hear = hear;
  }

  async progressed(progress: RunProgress): Promise<void> {
    this.#hear.onProgress?.(progress);
  }

  async printed(lines: RunLine[], leastLevel: string | undefined): Promise<void> {
    this.#hear.onPrinted?.(lines, leastLevel);
  }
}

/** Of a person who looks on. */
export class Watcher extends Listener {
  async asked(): Promise<void> {}
}
