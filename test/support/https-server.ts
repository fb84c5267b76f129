import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";

export interface HttpsServer extends AsyncDisposable {
  /** At `localhost`, for which its certificate is. */
  url: string;
  /** Its certificate, which nobody trusts who is not told to. */
  pem: string;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** An https server on this machine. */
export async function startHttpsServer(
  answer: RequestListener,
  { daysLeft = 365 }: { daysLeft?: number } = {},
): Promise<HttpsServer> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 2 * dayMs),
    notAfterDate: new Date(Date.now() + daysLeft * dayMs),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  const server = createServer({ cert, key }, answer);
  server.listen(0, "localhost");
  await once(server, "listening");
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    pem: cert,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
