import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { pipeline, Transform } from "node:stream";

/** A proxy to a port of this machine, with the delay of a network. */
export interface SlowLink extends AsyncDisposable {
  url: URL;
}

/** Forwards connections to the host of `url` and delays every chunk by `delayMs`, in both directions. */
export async function openSlowLink(url: URL, { delayMs }: { delayMs: number }): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    near.setNoDelay(true);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    // Either side may close the connection. Then the other is closed too, and the error does not matter.
    pipeline(near, delayed(delayMs), far, () => near.destroy());
    pipeline(far, delayed(delayMs), near, () => far.destroy());
  });
  server.listen({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listening TCP server has a port");
  const own = new URL(url);
  own.port = String(address.port);
  return {
    url: own,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Delays each chunk by the same time, and accepts the next one meanwhile, as a network does. */
function delayed(delayMs: number): Transform {
  let last = Promise.resolve();
  return new Transform({
    transform(chunk, _encoding, done) {
      last = new Promise((resolve) =>
        setTimeout(() => {
          this.push(chunk);
          resolve();
        }, delayMs),
      );
      done();
    },
    flush(done) {
      void last.then(() => done());
    },
  });
}
