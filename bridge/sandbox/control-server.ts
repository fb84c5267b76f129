import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { json, text } from "node:stream/consumers";
import { reportBug } from "../../core/errors.ts";
import { ImportRequest, RegistryChange, type RegistryDesk } from "../../core/registry/registry-change.ts";
import type { WorkerdProcess } from "./workerd-process.ts";

export interface ControlOptions {
  /** In a folder that only this user can enter. */
  socketPath: string;
  processes: ReadonlyMap<string, WorkerdProcess>;
  /** Keeps lines of the audit. Rejects if they were not written. */
  onAudit: (lines: string) => Promise<void>;
  /** The registry file of this start. */
  registry: RegistryDesk;
}

/** How long `ending` waits for an exit: the Worker notices a broken connection before the host notices that the process ended. */
const endingWaitMs = 1_000;

/**
 * The HTTP interface of the sandbox host for the Worker, at a Unix socket:
 *
 *   POST /<process>/ensure           starts a process that runs only when needed; 200 when it answers
 *   POST /<process>/replace?since=   replaces a process that has not answered since then; 200 when that is done
 *   POST /<process>/renew            replaces an idle process that has run enough programs; 200 when that is done
 *   GET  /<process>/well             200 if the process can do its work, or could when it is started; otherwise 503
 *   GET  /<process>/computed?since=  200 {"ms"}, how long the process has computed since then, without it if nobody knows
 *   GET  /<process>/ending?since=    200 {"reason"} if the process ended after that time, otherwise 204
 *
 *   POST /audit                      keeps the lines of the audit in its body; 200 when they are written
 *
 *   GET  /registry                   200 RegistryView of core/registry/registry-change.ts, which has the other shapes too
 *   POST /registry                   a RegistryChange; 200 ChangeAnswer, whether it was made or not
 *   POST /registry/import            an ImportRequest; 200 ImportAnswer
 *
 * Times are milliseconds since the epoch. 503 when a process does not start, or lines were not written.
 */
export async function serveControl({ socketPath, processes, onAudit, registry }: ControlOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const answered = (): Promise<void> => {
      if (request.url === "/audit") return keep(onAudit, request, response);
      if (request.url?.startsWith("/registry")) return answerForRegistry(registry, request, response);
      return answer(processes, request, response);
    };
    answered().catch((error: unknown) => {
      reportBug(error);
      response.writeHead(503).end();
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return server;
}

/** Only the Worker of this stack reaches the socket, and its messages are bounded. */
async function keep(onAudit: ControlOptions["onAudit"], request: IncomingMessage, response: ServerResponse): Promise<void> {
  await onAudit(await text(request));
  response.end();
}

async function answerForRegistry(desk: RegistryDesk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (value: unknown): void => void response.setHeader("Content-Type", "application/json").end(JSON.stringify(value));
  switch (`${request.method} ${request.url}`) {
    case "GET /registry":
      return send(await desk.view());
    case "POST /registry":
      return send(await desk.change(RegistryChange.parse(await json(request))));
    case "POST /registry/import":
      return send(await desk.readImport?.(ImportRequest.parse(await json(request)).text));
  }
  response.writeHead(404).end();
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
    case "GET well":
      return void response.writeHead(process?.isWell ? 200 : 503).end();
    case "GET computed": {
      if (Number.isNaN(since)) break;
      const ms = await process?.computedSince(since);
      return void response.setHeader("Content-Type", "application/json").end(JSON.stringify({ ms }));
    }
    case "GET ending": {
      if (Number.isNaN(since)) break;
      const ending = await process?.endingAfter(since, endingWaitMs);
      if (ending === undefined) return void response.writeHead(204).end();
      return void response.setHeader("Content-Type", "application/json").end(JSON.stringify({ reason: ending.reason }));
    }
  }
  response.writeHead(404).end();
}
