import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectTo, type OpenProduct, startProduct } from "../tokens/product.ts";
import { connectOverHttp, connectOverStdio, type DirectClient, everythingProgram, serveEverything } from "./everything.ts";
import { burst, chain, link, runProgram, sequence } from "./programs.ts";
import { type Rounds, takeRounds } from "./rounds.ts";
import { openSlowLink } from "./slow-link.ts";

export const callsOfLoop = 500;
export const callsOfChain = 20;
/** Delay of the slow link in each direction. The round trip is like that from a laptop to a cloud region on its continent. */
export const linkMs = 20;

interface MeasureOptions {
  /** Scales a number of rounds, so that `--quick` takes fewer. */
  times: (rounds: number) => Rounds;
  onStep: (title: string) => void;
}

/** Calls of server-everything, one by one with the SDK's own client and together in one program. */
export async function measureCalls({ times, onStep }: MeasureOptions) {
  onStep("starting server-everything, the orchestrator and the slow link");
  const folder = await mkdtemp(join(tmpdir(), "bench-upstream-"));
  await using server = await serveEverything();
  await using farServer = await openSlowLink(server.url, { delayMs: linkMs });
  await using product = await startProduct(
    [
      entry("pipe", { transport: "stdio", command: process.execPath, args: [everythingProgram] }),
      entry("near", { transport: "http", url: server.url.href }),
      entry("far", { transport: "http", url: farServer.url.href }),
    ],
    folder,
  );
  await using farOrchestrator = await openSlowLink(product.url, { delayMs: linkMs });
  await using overFarLink = await connectTo(farOrchestrator.url);
  await using stdio = await connectOverStdio();
  await using http = await connectOverHttp(server.url);
  await using farHttp = await connectOverHttp(farServer.url);
  const program = (code: string, call = product.call) => runProgram(call, code).then(expectEcho);
  try {
    onStep(`${callsOfLoop} calls one after the other`);
    const sequences = await takeRounds(
      {
        nothing: async () => void (await runProgram(product.call, "return 1;")),
        stdioDirect: () => callInTurn(stdio, callsOfLoop),
        stdioProgram: () => program(sequence("pipe", callsOfLoop)),
        httpDirect: () => callInTurn(http, callsOfLoop),
        httpProgram: () => program(sequence("near", callsOfLoop)),
      },
      times(15),
    );
    onStep(`${callsOfLoop} calls at once`);
    const bursts = await takeRounds(
      {
        stdioDirect: () => callAtOnce(stdio, callsOfLoop),
        stdioProgram: () => program(burst("pipe", callsOfLoop)),
        httpDirect: () => callAtOnce(http, callsOfLoop),
        httpProgram: () => program(burst("near", callsOfLoop)),
      },
      times(15),
    );
    onStep(`${callsOfChain} calls that each need the previous answer`);
    const chains = await takeRounds(
      {
        stdioDirect: () => chainDirectly(stdio),
        stdioProgram: () => program(chain("pipe", callsOfChain)),
        httpDirect: () => chainDirectly(http),
        httpProgram: () => program(chain("near", callsOfChain)),
        farDirect: () => chainDirectly(farHttp),
        farProgram: () => program(chain("near", callsOfChain), overFarLink.call),
        farServerProgram: () => program(chain("far", callsOfChain)),
        runEach: () => chainByRuns(product.call),
        farRunEach: () => chainByRuns(overFarLink.call),
      },
      times(15),
    );
    return { sequences, bursts, chains };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export type Calls = Awaited<ReturnType<typeof measureCalls>>;

function entry(id: string, mcp: object) {
  // The rate limit is for runaway loops; this loop is intended.
  return {
    id,
    title: id,
    summary: `server-everything: ${id}.`,
    mcp,
    limits: { callsPerMinute: 1_000_000, callsPerRun: 1_000_000, timeoutMs: 30_000 },
  };
}

async function callInTurn(client: DirectClient, count: number): Promise<void> {
  for (let at = 0; at < count; at++) expectEcho(await client.echo(`message ${at}`));
}

async function callAtOnce(client: DirectClient, count: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: count }, (_, at) => client.echo(`message ${at}`)));
  answers.forEach(expectEcho);
}

async function chainDirectly(client: DirectClient): Promise<void> {
  let text = "start";
  for (let at = 0; at < callsOfChain; at++) text = await client.echo(text.slice(-20) + at);
  expectEcho(text);
}

/** The same chain with one run per call, as by a model that reads every answer before it writes the next program. */
async function chainByRuns(call: OpenProduct["call"]): Promise<void> {
  let text = "start";
  for (let at = 0; at < callsOfChain; at++) text = expectText(await runProgram(call, link("pipe", { text, at })));
  expectEcho(text);
}

function expectEcho(answer: unknown): void {
  if (!expectText(answer).startsWith("Echo: ")) throw new Error(`not an echo: ${String(answer)}`);
}

function expectText(answer: unknown): string {
  if (typeof answer === "string") return answer;
  throw new Error(`not a text: ${JSON.stringify(answer)}`);
}
