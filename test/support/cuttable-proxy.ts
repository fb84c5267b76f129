import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay to a port of this machine whose connections can be cut, as a network does it: without a word. */
export interface CuttableProxy extends AsyncDisposable {
  port: number;
  /** Ends every connection there is; the next is let through. */
  cut(): void;
}

export async function startCuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A cut shows as an error at either side; the close that follows is all that matters.
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    keep(near);
    keep(far);
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
