import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { findFreePortAfter, isPortTaken } from "../local/free-port.ts";
import { type Check, type Finding, failed, ok, warning } from "./finding.ts";
import { get, tokenFindings } from "./orchestrator.ts";

interface LocalOptions {
  port: number;
  version: string;
  /** What `npm start` left there. */
  record: { authToken?: string } | undefined;
}

/** What listens on the port of `npm start`, whether it is the orchestrator, and whether its own commands can use it. */
export function portCheck({ port, version, record }: LocalOptions): Check {
  return {
    name: "port",
    async run(signal) {
      if (!(await isPortTaken(port))) return [ok("port", `${port} is free; nothing runs there`)];
      const url = new URL(`http://127.0.0.1:${port}`);
      const alive = await get(new URL("/livez", url), { signal });
      if (alive.kind !== "answered" || alive.status !== 200 || alive.text !== "ok\n") {
        const mend = `PORT=${await findFreePortAfter(port)} npm start`;
        return [failed("port", `${port} is taken by another program.`, mend)];
      }
      return [
        ok("port", `${port}: an orchestrator answers`),
        ...(await readiness(url, signal)),
        ...(await exposure(port)),
        ...(await tokenFindings(url, { token: record?.authToken, version, signal, restart: "Ctrl-C, then npm start again" })),
      ];
    },
  };
}

async function readiness(url: URL, signal: AbortSignal): Promise<Finding[]> {
  const ready = await get(new URL("/readyz", url), { signal });
  if (ready.kind === "answered" && ready.status === 200) return [ok("ready", "programs can run")];
  const why = ready.kind === "answered" ? ready.text.trim().slice(0, 200) : ready.why;
  return [failed("ready", `not ready: ${why}`, `look into .wrangler/local/${url.port}/logs, and start again`)];
}

const connectMs = 500;

/** `npm start` listens on loopback only. What answers at another address of this machine answers the network. */
async function exposure(port: number): Promise<Finding[]> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
  const open = await Promise.all(addresses.map(async (address) => ((await accepts(address, port)) ? [address] : [])));
  const [first] = open.flat();
  if (first === undefined) return [ok("listens", `port ${port} on the loopback interface only`)];
  return [
    warning(
      "listens",
      `other machines reach it at ${first}:${port}.`,
      "npm start listens on loopback alone; set AUTH_TOKEN if that is meant",
    ),
  ];
}

/** The debugger of `wrangler dev`, through which any program of this machine can read the Worker's secrets. */
export const debuggerCheck: Check = {
  name: "debugger",
  async run(signal) {
    const answer = await get(new URL("http://127.0.0.1:9229/json"), { signal });
    if (answer.kind === "failed") return [ok("debugger", "none on port 9229")];
    return [
      warning(
        "debugger",
        "one listens on port 9229: other programs can control what it debugs.",
        "stop wrangler dev, or node --inspect",
      ),
    ];
  },
};

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const done = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.once("timeout", () => done(false));
  });
}
