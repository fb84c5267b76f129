import { createServer } from "node:net";

/** Whether something listens on this port of the loopback interface. */
export function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}

/**
 * A port of the loopback interface that is free at the moment. One that the system assigns is from the range of outgoing connections,
 * any of which may take it before it is listened on, so one below that range is looked for first.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const candidate = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!(await isPortTaken(candidate))) return candidate;
  }
  return assignedPort();
}

const attempts = 20;
/** Linux assigns from 32,768 on, other systems from 49,152. */
const [lowest, highest] = [20_000, 32_000];

function assignedPort(): Promise<number> {
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
