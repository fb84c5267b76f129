import { type JSONRPCMessage, SSEClientTransport } from "@modelcontextprotocol/client";
import { OpenRequests } from "../../../../core/mcp/lenient-results.ts";
import { AddressRefusal } from "../../../../core/remote/fetch.ts";
import type { RemoteFetch } from "../../../../core/remote/remote-fetch.ts";

interface Options {
  requestInit: { headers: Record<string, string> };
  fetch: RemoteFetch;
  /** An event of the stream is too large; the stream ends there. */
  onTooLarge: () => void;
}

/** The SDK's transport of 2024-11-05, with two gaps closed: its answers are read leniently, and a refused address is reported. */
export class SseTransport extends SSEClientTransport {
  readonly #requests: OpenRequests;
  #refusal: AddressRefusal | undefined;

  constructor(url: URL, { requestInit, fetch, onTooLarge }: Options) {
    const requests = new OpenRequests();
    super(url, {
      requestInit,
      fetch: async (target, init) => {
        try {
          return await fetch(target, init, { id: undefined, method: undefined, requests, onTooLarge });
        } catch (error) {
          if (error instanceof AddressRefusal) this.#refusal = error;
          throw error;
        }
      },
    });
    this.#requests = requests;
  }

  override async start(): Promise<void> {
    try {
      await super.start();
    } catch (error) {
      // The SDK keeps only the text of what its fetch throws.
      throw this.#refusal ?? error;
    }
  }

  override send(message: JSONRPCMessage): Promise<void> {
    this.#requests.sent(message);
    return super.send(message);
  }

  /** To be called with each incoming message, which is changed for the SDK's client. */
  received(message: JSONRPCMessage): void {
    this.#requests.received(message);
  }
}
