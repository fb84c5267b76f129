import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import type { Outcome } from "../../core/run/outcome.ts";
import { SavedRefusal } from "../../core/saved/library.ts";
import { type LibraryPort, libraryOver } from "../../core/saved/library-port.ts";
import { libraryOf } from "../../worker/library-link.ts";
import { endOf, Listener } from "./run.ts";

/** Runs a program in a session of a principal of its own. */
async function runAs(principal: string, session: string, input: object): Promise<Outcome> {
  const stub = env.SESSIONS.getByName(`${principal}/${session}`);
  using handle = await stub.startRun(input, new Listener(), { modes: [] });
  return endOf(await handle.next());
}

const create = {
  code: `return (await dynamic.tool_create({ name: "adds_up", description: "Adds.", code: "export default ({ a, b }: { a: number; b: number }) => a + b;" })).tool.revision;`,
};

test("what one session saves, another one of the same principal calls, in real isolates, also after both objects were evicted", {
  tags: ["saved.call"],
}, async () => {
  const principal = crypto.randomUUID();
  expect(await runAs(principal, "one", create)).toMatchObject({ ok: true, result: 1 });
  const call = { code: "return await saved.adds_up({ a: 2, b: 3 });" };
  expect(await runAs(principal, "two", call)).toMatchObject({
    ok: true,
    result: 5,
    calls: [{ server: "saved", tool: "adds_up" }],
  });
  await evictDurableObject(env.LIBRARIES.getByName(principal));
  await evictDurableObject(env.SESSIONS.getByName(`${principal}/two`));
  expect(await runAs(principal, "two", call)).toMatchObject({ ok: true, result: 5 });
});

test("another principal sees nothing of it", { tags: ["saved.apart", "saved.skills"] }, async () => {
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
  await runAs(one, "default", create);
  expect(await runAs(other, "default", { code: "return (await dynamic.tool_list({})).tools;" })).toMatchObject({
    ok: true,
    result: [],
  });
  const skills = (principal: string, uri?: string) =>
    env.SESSIONS.getByName(`${principal}/default`).skills({ uri, caller: "code" });
  const uri = "skill://saved/adds-up/SKILL.md";
  expect(await skills(one)).toMatchObject([{ uri }]);
  expect(await skills(one, uri)).toMatchObject([{ uri, text: expect.stringContaining("saved.adds_up(") }]);
  expect(await skills(other)).toEqual([]);
  expect(await skills(other, uri)).toEqual([]);
});

test("a list says what was saved since, and a program that uses none never asks the library", async () => {
  const principal = crypto.randomUUID();
  const stub = env.SESSIONS.getByName(`${principal}/default`);
  await runAs(principal, "other", create);
  expect(await stub.listCapabilities({ query: "adds" })).toMatchObject({
    servers: [{ id: "saved", tools: [{ name: "adds_up" }] }],
  });
});

test("a library in the same process is asked for what is new only when something is, also after it was killed or evicted", async () => {
  const principal = crypto.randomUUID();
  const stub = () => env.LIBRARIES.getByName(principal);
  let asked = 0;
  const request = async (json: string) => {
    asked += 1;
    return stub().request(json);
  };
  const libraries = { getByName: () => ({ request }) } as unknown as Parameters<typeof libraryOf>[0];
  const [here, anywhere] = [true, false].map((isLocal) => libraryOf(libraries, principal, { isLocal }));
  const isAsked = async (library: LibraryPort | undefined, version: number | undefined) => {
    asked = 0;
    const snapshot = await library?.since(version);
    return { isAsked: asked === 1, version: snapshot?.version };
  };
  expect(await isAsked(here, undefined)).toEqual({ isAsked: true, version: 0 });
  expect(await isAsked(here, 0)).toEqual({ isAsked: false });
  expect(await isAsked(anywhere, 0)).toEqual({ isAsked: true });
  await runAs(principal, "other", create);
  expect(await isAsked(here, 0)).toEqual({ isAsked: true, version: 1 });
  expect(await isAsked(here, 1)).toEqual({ isAsked: false });
  await runInDurableObject(stub(), (_library, state) => state.abort("killed")).catch(() => undefined);
  await runAs(principal, "other", { code: `await dynamic.tool_delete({ name: "adds_up" });` });
  await evictDurableObject(stub());
  expect(await isAsked(here, 1)).toEqual({ isAsked: true, version: 2 });
});

test("a saved program that never ends stops at its own limit, and its caller goes on", { tags: ["saved.call"] }, async () => {
  const principal = crypto.randomUUID();
  const code = `await dynamic.tool_create({ name: "spins", description: "Spins.", code: "while (true) {}", timeoutMs: 1_000 });`;
  expect(await runAs(principal, "default", { code })).toMatchObject({ ok: true });
  const call = `try { await saved.spins({}); } catch (error) { return error.code ?? error.message; }`;
  const outcome = await runAs(principal, "default", { code: call, maxRuntimeMs: 20_000 });
  expect(outcome).toMatchObject({ ok: true, result: expect.stringMatching(/cpu_limit|run_timeout/) });
});

test("a saved program has the files of its session, unless its list leaves out sandbox", { tags: ["saved.files"] }, async () => {
  const principal = crypto.randomUUID();
  const body = `import { files } from "runtime";
export default async ({ path }: { path: string }) => {
  await files.append(path, "!");
  return (await files.read(path)).length;
};`;
  const save = (name: string, allowedMcpIds?: string[]) =>
    runAs(principal, "default", {
      code: "await dynamic.tool_create({ description: 'Counts.', ...args });",
      args: { name, code: body, allowedMcpIds },
    });
  for (const saved of [save("counts"), save("counts_named", ["sandbox"]), save("counts_not", [])]) {
    expect(await saved).toMatchObject({ ok: true });
  }
  const code = `import { files } from "runtime";
await files.write("a", "x".repeat(500_000));
const refused = await saved.counts_not({ path: "a" }).catch((error) => error.message);
return [await saved.counts({ path: "a" }), await saved.counts_named({ path: "a" }), (await files.stat("a"))?.bytes, refused];`;
  expect(await runAs(principal, "default", { code })).toMatchObject({
    ok: true,
    result: [500_001, 500_002, 500_002, expect.stringContaining("leave out sandbox")],
  });
  const elsewhere = await runAs(principal, "another", { code: `return await saved.counts({ path: "a" });` });
  expect(elsewhere).toMatchObject({ ok: true, result: 1 });
});

test("50 creates and updates of one name from five sessions at once are each stored with their own revision or refused", {
  tags: ["saved.conflict"],
}, async () => {
  const principal = crypto.randomUUID();
  const code = `return await Promise.all(Array.from({ length: 10 }, async (_, n) => {
  try {
    const made = n === 0 ? await dynamic.tool_create({ name: "shared", description: "Zero.", code: "return 0;" })
      : await dynamic.tool_update({ name: "shared", patch: { description: args + " " + n } });
    return { revision: made.tool.revision, description: made.tool.description };
  } catch (error) { return error.message; }
}));`;
  const sessions = ["a", "b", "c", "d", "e"];
  const outcomes = await Promise.all(
    sessions.map((session) => runAs(principal, session, { code, args: session, maxRuntimeMs: 120_000 })),
  );
  const results = outcomes.flatMap(({ result }) => (Array.isArray(result) ? result : [JSON.stringify(result)]));
  const stored = results.filter((result) => typeof result === "object");
  expect(results).toHaveLength(50);
  expect(stored.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual(stored.map((_, index) => index + 1));
  for (const refusal of results.filter((result) => typeof result !== "object")) {
    expect(refusal).toMatch(/conflict|exists already|no saved program/);
  }
  const library = libraryOver(async (request) => env.LIBRARIES.getByName(principal).request(request));
  const { revision, description } = (await library.get("shared")) ?? {};
  expect(stored).toContainEqual({ revision, description });
  expect(revision).toBe(stored.length);
});

declare module "vitest" {
  interface ProvidedContext {
    /** `LIBRARY_OPERATIONS` in the environment of vitest. */
    libraryOperations: number;
  }
}

const operations = inject("libraryOperations");

test("random operations, killed and evicted in between, lose nothing that was answered", {
  tags: ["saved.manage"],
  timeout: 60_000 + 60 * operations,
}, async () => {
  const principal = crypto.randomUUID();
  const stub = () => env.LIBRARIES.getByName(principal);
  const library = libraryOver(async (request) => stub().request(request));
  const random = randomFrom(7);
  const known = new Map<string, State>();
  let [made, killed, lost] = [0, 0, 0];
  while (made < operations) {
    const killAt = random(10) === 0 ? random(10) : undefined;
    const batch = Array.from({ length: 10 }, async (_, n) => {
      if (n === killAt) {
        killed += 1;
        await runInDurableObject(stub(), (_library, state) => state.abort("killed")).catch(() => undefined);
      }
      made += 1;
      const name = `tool${n}${random(2)}`;
      const before = known.get(name) ?? { revision: 0 };
      const { work, after } = operationOn(library, { name, before, step: made, chance: random(4) });
      const isAnswered = await work().then(
        () => true,
        (error: unknown) => {
          if (error instanceof SavedRefusal) throw error;
          return false;
        },
      );
      if (!isAnswered) lost += 1;
      return { name, possible: isAnswered ? [after] : [before, after] };
    });
    const ended = await Promise.all(batch);
    if (random(10) === 0) await evictDurableObject(stub());
    const stored = new Map((await library.since(undefined))?.tools.map((tool) => [tool.name, tool]));
    for (const { name, possible } of ended) {
      const state = possible.find(({ description }) => description === stored.get(name)?.description);
      expect(state).toBeDefined();
      if (state) known.set(name, state);
    }
    for (const [name, { revision, description }] of known) {
      if (description === undefined) expect(stored.has(name)).toBe(false);
      else expect(stored.get(name)).toMatchObject({ revision, description });
    }
  }
  expect(killed).toBeGreaterThan(operations / 250);
  expect(lost).toBeGreaterThan(0);
  for (const [name, { revision, description }] of known) {
    if (description === undefined) continue;
    expect(await library.get(name)).toMatchObject({ revision, source: { code: `return "${description}";` } });
    const revisions = (await library.history(name)).map((line) => line.revision);
    expect(revisions).toEqual(revisions.map((_, index) => revision - index));
  }
});

/** What a name has: a program at a revision, or none, after its last one. */
interface State {
  revision: number;
  description?: string;
}

interface Operation {
  name: string;
  before: State;
  step: number;
  chance: number;
}

/** A change that is possible now, and the state after it. */
function operationOn(library: LibraryPort, { name, before, step, chance }: Operation) {
  const { revision } = before;
  const description = `step ${step}`;
  const content = {
    ...{
      name,
      description,
      inputSchema: {},
      given: { input: false, output: false, description: true, examples: true },
      timeoutMs: 1_000,
      examples: [],
    },
    ...{ enabled: true, pins: {}, codeBytes: 8, source: { code: `return "${description}";`, language: "ts" as const } },
  };
  const after: State = { revision: revision + 1, description };
  if (before.description === undefined) return { work: () => library.create(content), after };
  if (chance === 0) return { work: () => library.remove(name, revision), after: { revision } as State };
  return { work: () => library.replace(content, revision), after };
}

/** The same numbers in each run, from 0 up to a bound. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}
