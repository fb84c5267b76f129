import type { FileQuota } from "../files/file-quota.ts";
import { createSemaphore } from "../semaphore.ts";
import type { Account, HeldByOthers, Holdings } from "./account.ts";
import { policyLimits } from "./policy-limits.ts";
import { refusal } from "./rules.ts";

interface SessionHoldingsParts {
  account: Pick<Account, "hold">;
  session: string;
  /** What the session keeps now. */
  measure: () => Holdings;
  /** Goes on by itself. Must not reject. */
  inBackground: (work: Promise<void>) => void;
}

type Kind = HeldByOthers["of"];

/** A session's part of what its principal may keep. */
export class SessionHoldings implements FileQuota {
  readonly #parts: SessionHoldingsParts;
  /** One request after another: each says all that the session keeps. */
  readonly #turns = createSemaphore(1);
  /** What the account has noted, as far as this process knows. */
  #noted: Holdings = { fileBytes: 0, sandboxes: 0, until: 0 };
  /** What is about to be kept. */
  readonly #promised = { fileBytes: 0, sandboxes: 0 };

  constructor(parts: SessionHoldingsParts) {
    this.#parts = parts;
  }

  roomFor(bytes: number): Promise<Disposable> {
    return this.#promise("fileBytes", bytes);
  }

  /** @throws OrchestratorError `too_many_calls` */
  roomForSandbox(): Promise<Disposable> {
    return this.#promise("sandboxes", 1);
  }

  settle(hasDeleted: boolean): void {
    // After a restart it is not known here what the account has noted.
    const isUnknown = this.#noted.until === 0;
    if (isUnknown && hasDeleted) this.report();
    if (this.#noted.fileBytes === 0) return;
    if (this.#noted.fileBytes - this.#needed().fileBytes >= policyLimits.fileBytesStep) this.report();
  }

  /** What the session keeps lasts longer than the account knows, perhaps. */
  used(): void {
    if (this.#parts.measure().until > this.#noted.until) this.report();
  }

  /** Tells the account what is kept now, in the background. If that is lost, it counts as before until it is reported again or has gone. */
  report(): void {
    const reported = this.#inTurn(async () => {
      await this.#noteNeeded();
    });
    this.#parts.inBackground(reported.catch(() => undefined));
  }

  /** The session was deleted, with all that it kept. Never rejects. */
  async end(): Promise<void> {
    const nothing = { fileBytes: 0, sandboxes: 0, until: 0 };
    await this.#inTurn(async () => void (await this.#note(nothing))).catch(() => undefined);
  }

  async #promise(of: Kind, count: number): Promise<Disposable> {
    if (count === 0) return { [Symbol.dispose]() {} };
    this.#promised[of] += count;
    let isPromised = true;
    const given: Disposable = {
      [Symbol.dispose]: () => {
        if (isPromised) this.#promised[of] -= count;
        isPromised = false;
      },
    };
    try {
      if (this.#needed()[of] > this.#noted[of]) await this.#inTurn(() => this.#take(of));
    } catch (error) {
      given[Symbol.dispose]();
      throw error;
    }
    return given;
  }

  /** @throws OrchestratorError when others keep so much that not even what is needed is left */
  async #take(of: Kind): Promise<void> {
    if (this.#needed()[of] <= this.#noted[of]) return;
    const refused = await this.#noteNeeded();
    if (refused !== undefined) throw tooMuch(refused);
  }

  /** With some room for what comes next, if there is any. */
  async #noteNeeded(): Promise<HeldByOthers | undefined> {
    const refused = await this.#note(this.#inSteps());
    return refused && (await this.#note(this.#needed()));
  }

  async #note(holdings: Holdings): Promise<HeldByOthers | undefined> {
    const { account, session } = this.#parts;
    const refused = await account.hold(session, holdings);
    if (refused === undefined) this.#noted = holdings;
    return refused;
  }

  #needed(): Holdings {
    const { fileBytes, sandboxes, until } = this.#parts.measure();
    return {
      fileBytes: fileBytes + this.#promised.fileBytes,
      sandboxes: sandboxes + this.#promised.sandboxes,
      until: until + policyLimits.holdingsSlackMs,
    };
  }

  #inSteps(): Holdings {
    const needed = this.#needed();
    const step = policyLimits.fileBytesStep;
    return { ...needed, fileBytes: Math.ceil(needed.fileBytes / step) * step };
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    using _turn = await this.#turns.acquire(never);
    await work();
  }
}

const never = new AbortController().signal;

function tooMuch({ of, held }: HeldByOthers) {
  const { fileBytesMax, sandboxesMax } = policyLimits;
  if (of === "fileBytes") {
    const message = `Your files have at most ${fileBytesMax} bytes in all sessions together, and those of your other sessions have ${held}. files.delete(path) makes room; files that nobody uses go by themselves.`;
    return refusal({ rule: of, limit: fileBytesMax }, { message });
  }
  const message = `You have ${sandboxesMax} sandbox sessions already, ${held} of them in other sessions of yours. stop({ sessionId }) ends one; session_list() names those of this session; the others end when nobody uses them.`;
  return refusal({ rule: of, limit: sandboxesMax }, { message, server: "sandbox", tool: "initialize" });
}
