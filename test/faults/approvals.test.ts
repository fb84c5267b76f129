import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackgroundProcess, processesOf, startBackground } from "../support/background-process.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";
import { seeded } from "../support/random-values.ts";
import { rawRequest } from "../support/raw-mcp.ts";
import { faultsSeed } from "./seed.ts";

/*
 * Programs whose every call a person has to allow, while the person decides at random and something is killed at random before, during
 * and after that. What was done is counted where it is done: each call appends its id to a file. KILLS is how many rounds.
 */

const seed = faultsSeed();
const kills = Number(process.env.KILLS ?? 5);
/** The longest time that a round may take until its run has ended. */
const roundMs = 40_000;

const program = `
  import { args, session } from "runtime";
  const { round, ids } = args as { round: number; ids: string[][] };
  const became: Record<string, string> = {};
  const made = (await session.get("made") as number | undefined) ?? 0;
  for (const group of ids) {
    await Promise.all(group.map(async (id) => {
      try {
        await far.work({ id, ms: 10 });
        became[id] = "ok";
      } catch (error) {
        became[id] = (error as { code: string }).code;
      }
    }));
  }
  await session.set("made", made + 1);
  return { became, made: await session.get("made") };`;

interface Answer {
  ok: boolean;
  result?: { became: Record<string, string>; made: number };
  errors?: { code: string; message: string; token?: string }[];
  calls?: { outcome: string; count?: number }[];
}

/** A client of MCP 2026-07-28 is asked, and sends its request again with what its user said. */
interface Asks {
  requestState: string;
  inputRequests: Record<string, { params: { message: string } }>;
}

interface Said {
  requestState: string;
  inputResponses: Record<string, object>;
}

interface Shown {
  id: string;
  calls: { number: number; argsJson: string }[];
}

let product: Product;
let bridge: BackgroundProcess;
let folder: string;
let file: string;
const ended: AsyncDisposable[] = [];

async function startAll(port?: number): Promise<void> {
  product = await startProduct({ registry: { servers: [] }, ...(port === undefined ? {} : { port }) });
  await startBridge();
}

async function startBridge(): Promise<void> {
  const token = await product.bridgeToken();
  bridge = await startBackground({
    args: () => ["bridge/main.mjs", "start", "--url", product.url, "--registry", join(folder, "registry.json")],
    env: () => ({ BRIDGE_TOKEN: token }),
  });
  ended.push(bridge);
  await bridge.printed(/connected to/);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mcp-orchestrator-approvals-"));
  file = join(folder, "done");
  await writeFile(file, "");
  const mcp = { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/works.mjs"), file] };
  const far = { id: "far", title: "far", summary: "Works.", mcp, tools: { ask: ["work"] }, limits: { callsPerMinute: 100_000 } };
  await writeFile(join(folder, "registry.json"), JSON.stringify({ servers: [far] }));
  await startAll();
});

afterAll(async () => {
  for (const process of ended) await process[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Undefined while nobody answers. */
async function execute(input: object): Promise<Answer | undefined> {
  const result = await send("2025-11-25", { arguments: input });
  return result?.structuredContent;
}

async function send(protocol: string, params: object): Promise<(Partial<Asks> & { structuredContent: Answer }) | undefined> {
  try {
    const request = {
      method: "tools/call",
      params: { name: "execute_mcp_code", ...params },
      ...(protocol === "2026-07-28" && { capabilities: { elicitation: { form: {} } } }),
    };
    const signal = AbortSignal.timeout(30_000);
    const text = await (await fetch(`${product.url}/mcp`, { ...rawRequest(protocol, request), signal })).text();
    const data = text.split("\n").findLast((line) => line.startsWith("data: "));
    return (JSON.parse(data?.slice("data: ".length) ?? "") as { result: { structuredContent: Answer } }).result;
  } catch {
    return undefined;
  }
}

async function approve<T>(path: string, body?: object): Promise<T | undefined> {
  try {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(`${product.url}/approve${path}`, {
      ...init,
      signal,
      headers: { Accept: "application/json", Origin: product.url },
    });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

const isReady = () =>
  fetch(`${product.url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

function killAll(found: readonly { pid: number }[]): void {
  for (const { pid } of found) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
}

const workerds = (pattern: RegExp) => processesOf(product).filter(({ command }) => pattern.test(command));

const faults: Record<string, () => Promise<void> | void> = {
  "the isolates' processes": () => killAll(workerds(/\bworkerd serve .*(?:sandbox|spare).*\.capnp$/)),
  "the server": () => killAll(processesOf(bridge).filter(({ command }) => command.includes("works.mjs"))),
  "the Worker": () => killAll(workerds(/\bworkerd serve .*\bworker\.capnp$/)),
  async "the bridge"() {
    bridge.signal("SIGKILL");
    await bridge.exited();
    await startBridge();
  },
  async everything() {
    const [before, { port }] = [product, product];
    bridge.signal("SIGKILL");
    before.signal("SIGKILL", "group");
    killAll(processesOf(before));
    await before.exited();
    await startAll(port);
  },
};

/** Of each call, whether it was allowed; a decision counts from the moment that it may have been taken. */
interface Decided {
  allowed: Set<string>;
  refused: Set<string>;
}

/** Decides about what waits, once. */
async function decide(random: () => number, prefix: string, { allowed, refused }: Decided): Promise<void> {
  const list = await approve<{ approvals: Shown[] }>("");
  const shown = list?.approvals.find(({ calls }) => calls.some(({ argsJson }) => argsJson.includes(`"${prefix}`)));
  if (shown === undefined) return;
  const upTo = shown.calls[Math.floor(random() * shown.calls.length)]?.number ?? 0;
  const decision = random() < 0.7 ? "allow" : "deny";
  const taken = await approve<{ title: string }>(`/${shown.id}`, { decision, upTo });
  for (const { number, argsJson } of shown.calls) {
    if (number > upTo) continue;
    const { id } = JSON.parse(argsJson) as { id: string };
    if (decision === "allow") allowed.add(id);
    // Of a refusal whose answer was lost nobody knows whether it was one.
    else if (taken !== undefined) refused.add(id);
  }
}

async function untilEnded(answer: Answer | undefined, step: () => Promise<void>): Promise<Answer | undefined> {
  let last = answer;
  let token = answer?.errors?.[0]?.token;
  for (const until = Date.now() + roundMs; Date.now() < until; ) {
    await step();
    if (token === undefined) return last;
    const next = await execute({ resume: token });
    if (next === undefined) {
      await delay(100);
      continue;
    }
    last = next;
    token = next.errors?.[0]?.token;
    if (token === undefined) return last;
  }
  return last;
}

/** A run whose client asks its user, to its end or until the user closes a form. */
async function asked(input: object, { random, prefix, decided }: Asking): Promise<Answer | undefined> {
  let said: Said | undefined;
  let taken = () => {};
  for (const until = Date.now() + roundMs; Date.now() < until; ) {
    const step = await send("2026-07-28", { arguments: input, ...said });
    // One whose first answer was lost has no token.
    if (step === undefined && said === undefined) return undefined;
    if (step === undefined) {
      await delay(100);
      continue;
    }
    taken();
    taken = () => {};
    if (step.requestState === undefined) return step.structuredContent;
    const { requestState, inputRequests = {} } = step;
    if (random() < 0.3) {
      await decide(random, prefix, decided);
      said = { requestState, inputResponses: {} };
      continue;
    }
    const [
      [
        question,
        {
          params: { message },
        },
      ],
    ] = Object.entries(inputRequests) as [[string, Asks["inputRequests"][string]]];
    const ids = [...message.matchAll(/"id":"([^"]+)"/g)].map(([, id = ""]) => id);
    const decision = random() < 0.7 ? "allow" : random() < 0.7 ? "decline" : "cancel";
    if (decision === "allow") for (const id of ids) decided.allowed.add(id);
    taken = () => {
      if (decision === "decline") for (const id of ids) decided.refused.add(id);
    };
    const response = decision === "allow" ? { action: "accept", content: { decision } } : { action: decision };
    said = { requestState, inputResponses: { [question]: response } };
  }
  return undefined;
}

interface Asking {
  random: () => number;
  prefix: string;
  decided: Decided;
}

test(`no approved call is made twice and no refused one at all, with ${kills} kills at random, seed ${seed}`, {
  tags: ["approvals.kills", "approvals.asked-client"],
  timeout: 60_000 + kills * roundMs,
}, async () => {
  const random = seeded(seed);
  const decided: Decided = { allowed: new Set(), refused: new Set() };
  const names = Object.keys(faults);
  const became = new Map<string, number>();
  const count = (what: string) => became.set(what, (became.get(what) ?? 0) + 1);
  const results: { prefix: string; answer: Answer | undefined }[] = [];
  for (let round = 0; round < kills; round++) {
    const prefix = `r${round}.`;
    const ids = [[`${prefix}a`], [`${prefix}b`, `${prefix}c`, `${prefix}d`], [`${prefix}e`]];
    const input = { code: program, args: { round, ids }, maxRuntimeMs: 60_000 };
    const name = round < names.length ? (names[round] ?? "") : (names[Math.floor(random() * names.length)] ?? "");
    const killing = delay(random() * 2_500).then(() => faults[name]?.());
    const isAsked = random() < 0.5;
    const first = isAsked ? await asked(input, { random, prefix, decided }) : await execute(input);
    const answer = await untilEnded(first, () => decide(random, prefix, decided));
    await killing;
    await expect.poll(isReady, { timeout: 60_000, interval: 100 }).toBe(true);
    results.push({ prefix, answer });
    count(`kill ${name}, ${isAsked ? "asked" : "linked"}`);
    count(answer === undefined ? "no answer" : (answer.errors?.[0]?.code ?? "ok"));
    for (const code of Object.values(answer?.result?.became ?? {})) count(`call ${code}`);
    if (answer !== undefined && answer.ok !== true) console.log(round, name, JSON.stringify(answer));
  }
  console.log({ seed, ...Object.fromEntries(became) });
  const done = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  expect(done.filter((id, at) => done.indexOf(id) !== at)).toEqual([]);
  expect(done.filter((id) => !decided.allowed.has(id) || decided.refused.has(id))).toEqual([]);
  for (const { answer } of results) {
    const wentWell = Object.entries(answer?.result?.became ?? {}).filter(([, code]) => code === "ok");
    expect(wentWell.filter(([id]) => !done.includes(id))).toEqual([]);
    const succeeded = (answer?.calls ?? []).filter(({ outcome }) => outcome === "succeeded");
    if (answer?.ok) expect(succeeded.reduce((sum, { count: times = 1 }) => sum + times, 0)).toBe(wentWell.length);
    // A run whose client has its token is not lost, whatever was killed.
    if (answer?.errors) expect(answer.errors[0]?.code, JSON.stringify(answer)).not.toMatch(/invalid_input|internal|program_lost/);
  }
});
