import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { reportBug } from "../../core/errors.ts";
import type { WorkerdProcess } from "./workerd-process.ts";

export interface ControlOptions {
  /** In a folder that only this user can enter. */
  socketPath: string;
  processes: ReadonlyMap<string, WorkerdProcess>;
}

/** How long `ending` waits for an exit: the Worker notices a broken connection before the host notices that the process ended. */
const endingWaitMs = 1_000;

/**
 * The HTTP interface of the sandbox host for the Worker, at a Unix socket:
 *
 *   POST /<process>/ensure           starts a process that runs only when needed; 200 when it answers
 *   POST /<process>/replace?since=   replaces a process that has not answered since then; 200 when that is done
 *   POST /<process>/renew            replaces an idle process that has run enough programs; 200 when that is done
 *   GET  /<process>/ending?since=    200 {"reason"} if the process ended after that time, otherwise 204
 *
 * Times are milliseconds since the epoch. 503 when a process does not start.
 */
export async function serveControl({ socketPath, processes }: ControlOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(processes, request, response).catch((error: unknown) => {
      reportBug(error);
      response.writeHead(503).end();
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return server;
}

async function answer(
  processes: ControlOptions["processes"],
  { url: address, method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(address ?? "/", "http://host");
  const [, name = "", verb] = url.pathname.split("/");
  const process = processes.get(name);
  const since = Number(url.searchParams.get("since") ?? Number.NaN);
  switch (process && `${method} ${verb}`) {
    case "POST ensure":
      await process?.ensure();
      return void response.end();
    case "POST renew":
      await process?.renew();
      return void response.end();
    case "POST replace":
      if (Number.isNaN(since)) break;
      await process?.replaceFrozen(since);
      return void response.end();
    case "GET ending": {
      if (Number.isNaN(since)) break;
      const ending = await process?.endingAfter(since, endingWaitMs);
      if (ending === undefined) return void response.writeHead(204).end();
      return void response.setHeader("Content-Type", "application/json").end(JSON.stringify({ reason: ending.reason }));
    }
  }
  response.writeHead(404).end();
}
