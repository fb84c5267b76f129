import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CuttingProxy extends AsyncDisposable {
  port: number;
  /** Cuts the next connection, or the current one, after this many bytes. */
  cutAfter(bytes: number): void;
  /** Cuts all open connections. */
  cut(): void;
}

/** A TCP proxy that can cut a connection at any byte, without notice to either end. */
export async function openCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let bytesLeft = Number.POSITIVE_INFINITY;
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    const cutBoth = () => {
      for (const socket of [near, far]) {
        socket.destroy();
        open.delete(socket);
      }
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("error", cutBoth).on("close", cutBoth);
      from.on("data", (chunk: Buffer) => {
        const passing = chunk.subarray(0, bytesLeft);
        bytesLeft -= passing.length;
        if (!to.destroyed) to.write(passing);
        if (bytesLeft > 0) return;
        bytesLeft = Number.POSITIVE_INFINITY;
        // The bytes passed so far arrive before the connection ends.
        to.end(cutBoth);
        from.destroy();
      });
    }
  });
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter(bytes) {
      bytesLeft = bytes;
    },
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
