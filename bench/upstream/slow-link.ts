import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { pipeline, Transform } from "node:stream";

/** A way to a port of this machine that is as long as a network's. */
export interface SlowLink extends AsyncDisposable {
  url: URL;
}

/** Listens and passes on to the host of `url`, every piece so many milliseconds later, in both directions. */
export async function openSlowLink(url: URL, { delayMs }: { delayMs: number }): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    near.setNoDelay(true);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    // Either side may cut the line, and then both have ended: there is nobody to tell.
    pipeline(near, late(delayMs), far, () => near.destroy());
    pipeline(far, late(delayMs), near, () => far.destroy());
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

/** Holds each piece back by the same time and does not wait for it before it takes the next, as a wire does. */
function late(delayMs: number): Transform {
  let last = Promise.resolve();
  return new Transform({
    transform(piece, _encoding, done) {
      last = new Promise((resolve) =>
        setTimeout(() => {
          this.push(piece);
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
