import type { Fetch } from "./fetch.ts";

/** Ways to connect to a server over HTTP. Each rejects with the SDK's error, and leaves nothing open. */
export interface Ways<T> {
  /** With streamable HTTP: in whichever version the server speaks, or with `initialize` at once. */
  overHttp(mode: "auto" | "legacy", fetch: Fetch): Promise<T>;
  /** With the SSE transport of 2024-11-05. */
  overSse(): Promise<T>;
  fetch: Fetch;
  /** False when the wait is over: then nothing more is tried. */
  hasTime(): boolean;
  /** The HTTP status in an error that `fetch` threw in place of a response. */
  statusIn?: (error: unknown) => number | undefined;
}

/**
 * Connects in whichever form the server speaks: 2026-07-28; with `initialize`, if it cannot answer the newer handshake in any way; and
 * over the SSE transport of 2024-11-05, if it refuses that (spec: basic/transports, backwards compatibility).
 */
export async function connectInAnyForm<T extends object>(ways: Ways<T>): Promise<T> {
  const responses = new Responses(ways);
  const attempt = async (mode: "auto" | "legacy"): Promise<T | Failed> => {
    try {
      return await ways.overHttp(mode, responses.fetch);
    } catch (error) {
      return new Failed(error);
    }
  };
  let result = await attempt("auto");
  const mayRepeat = () => result instanceof Failed && ways.hasTime();
  if (mayRepeat() && !responses.hasInitialized && responses.areAnotherForms()) result = await attempt("legacy");
  if (mayRepeat() && responses.hasInitialized && responses.areOfAnotherTransport()) {
    // The first failure says more than that of an attempt which nobody asked for.
    result = (await ways.overSse().catch(() => undefined)) ?? result;
  }
  if (result instanceof Failed) throw result.error;
  return result;
}

class Failed {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Remembers how the server answered last, because the SDK's errors do not all say it. */
class Responses {
  readonly fetch: Fetch;
  /** Whether the older handshake was begun: the SDK begins with the newer one. */
  hasInitialized = false;
  #status: number | undefined;

  constructor(ways: Pick<Ways<object>, "fetch" | "statusIn">) {
    this.fetch = async (url, init) => {
      this.#status = undefined;
      this.hasInitialized ||= isInitialize(init?.body);
      try {
        const response = await ways.fetch(url, init);
        this.#status = response.status;
        return response;
      } catch (error) {
        this.#status = ways.statusIn?.(error);
        throw error;
      }
    };
  }

  /** The server is there, and neither asks for a login nor for patience: it may understand another handshake. */
  areAnotherForms(): boolean {
    return this.#status !== undefined && ![401, 408, 429].includes(this.#status);
  }

  /** It does not take messages by POST here. */
  areOfAnotherTransport(): boolean {
    return this.#status !== undefined && [400, 404, 405, 406, 415, 501].includes(this.#status);
  }
}

/** The SDK writes the method of a message before its parameters, so that nothing else in it is taken for one. */
function isInitialize(body: unknown): boolean {
  return typeof body === "string" && /^[^}]{0,200}?"method":"initialize"/.test(body);
}
