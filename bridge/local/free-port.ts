import { createServer } from "node:net";

/** Whether something listens on this port of the loopback interface. */
export function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}

/** A port of the loopback interface that is free at the moment. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("the system assigned no port")),
      );
    });
  });
}

/** The next port that is free, close to the one that was wanted; if there is none nearby, any. */
export async function findFreePortAfter(port: number): Promise<number> {
  for (let candidate = port + 1; candidate <= Math.min(port + nearbyPorts, 65_535); candidate++) {
    if (!(await isPortTaken(candidate))) return candidate;
  }
  return findFreePort();
}

const nearbyPorts = 20;
