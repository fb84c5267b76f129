import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { reportBug } from "../../core/errors.ts";
import type { WorkerdProcess } from "./workerd-process.ts";

export interface ControlOptions {
  port: number;
  /** First segment of every path but /livez. Only the Worker knows it. */
  token: string;
  processes: ReadonlyMap<string, WorkerdProcess>;
}

/** How long `ending` waits for an exit: the Worker notices a broken connection before the host notices that the process ended. */
const endingWaitMs = 1_000;

/**
 * The HTTP interface of the sandbox host for the Worker, on the loopback interface:
 *
 *   GET  /livez                              200 while the host runs
 *   POST /<token>/<process>/replace?since=   replaces a process that has not answered since then; 200 when that is done
 *   POST /<token>/<process>/renew            replaces an idle process that has run enough programs; 200 when that is done
 *   GET  /<token>/<process>/ending?since=    200 {"reason"} if the process ended after that time, otherwise 204
 *
 * Times are milliseconds since the epoch.
 */
export async function serveControl({ port, token, processes }: ControlOptions): Promise<Server> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://host");
    if (url.pathname === "/livez") return void response.end("ok\n");
    const [, presented, name = "", verb] = url.pathname.split("/");
    const process = presented === token ? processes.get(name) : undefined;
    if (process !== undefined && verb === "renew" && request.method === "POST") {
      await process.renew();
      return void response.end();
    }
    const since = Number(url.searchParams.get("since") ?? Number.NaN);
    if (process === undefined || Number.isNaN(since)) return void response.writeHead(404).end();
    if (verb === "replace" && request.method === "POST") {
      await process.replaceFrozen(since);
      return void response.end();
    }
    if (verb !== "ending") return void response.writeHead(404).end();
    const ending = await process.endingAfter(since, endingWaitMs);
    if (ending === undefined) return void response.writeHead(204).end();
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ reason: ending.reason }));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      reportBug(error);
      response.writeHead(500).end();
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
