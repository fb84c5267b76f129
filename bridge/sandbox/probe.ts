import { type RequestOptions, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Where a process answers HTTP: at a Unix socket, or at a port of the loopback interface. */
export type Address = { socketPath: string } | { port: number };

const pollMs = 20;

/** Sends one GET and waits for as long as `signal` allows. Whether the answer was 2xx; false also when no connection was made. */
export function answers(address: Address, { path = "/", signal }: { path?: string; signal: AbortSignal }): Promise<boolean> {
  const options: RequestOptions = { ...address, path, signal, agent: false, headers: { Host: "127.0.0.1" } };
  if ("port" in address) options.host = "127.0.0.1";
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume();
      response.once("close", () => resolve(response.complete && Math.floor((response.statusCode ?? 0) / 100) === 2));
    });
    // Refused, reset or aborted.
    sent.once("error", () => resolve(false));
    sent.end();
  });
}

/** Asks until the answer is 2xx. False when `signal` aborts before. */
export async function becomesReady(address: Address, options: { path?: string; signal: AbortSignal }): Promise<boolean> {
  while (!options.signal.aborted) {
    if (await answers(address, options)) return true;
    await delay(pollMs);
  }
  return false;
}
