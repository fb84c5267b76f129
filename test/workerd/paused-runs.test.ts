import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Step } from "../../worker/mcp/elicitation.ts";
import { endOf, Listener, Watcher } from "./run.ts";
import { asOwner, sessionWithVault, tokenIn, waitingIn } from "./vault.ts";

/* Runs that wait for a person longer than their process lives. */

const decide = async (session: { name: string }, decision: "allow" | "deny") => {
  const { id, calls } = await waitingIn(session);
  expect(await asOwner(`/approve/${id}`, { decision, upTo: calls.at(-1)?.number })).toMatchObject({ status: 200 });
};
const allow = (session: { name: string }) => decide(session, "allow");

describe("a run that waits when its object is evicted", () => {
  test("goes on where it was: nothing is called again, and it sees the same time and the same random values", {
    tags: ["approvals.outlives"],
  }, async () => {
    const session = await sessionWithVault({ sensitivity: "low", tools: { ask: ["greet"] } });
    const code = `import { session } from "runtime";
      await session.set("runs", ((await session.get("runs") as number | undefined) ?? 0) + 1);
      class Day extends Date {}
      const [day, now] = [new Day(), new Date()];
      if (!(day instanceof Day && now instanceof Date && now.constructor === Date) || new Date(5).getTime() !== 5) return "dates";
      if ({}.constructor !== Object) return "objects";
      const seen = [Date.now(), Math.random(), crypto.randomUUID(), day.getTime(), Date(), performance.now()];
      const first = await vault.greet({ name: "first" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      const second = await vault.greet({ name: JSON.stringify([seen, Date.now(), Math.random(), await session.get("runs")]) });
      return { first, second, after: [...crypto.getRandomValues(new Uint8Array(4))], third: await vault.greet({ name: "third" }) };`;
    const waits = tokenIn(await session.run(code));
    await session.evict();
    expect(tokenIn(await session.resume(waits))).toBe(waits);
    expect(session.reached).toEqual([]);
    await allow(session);
    expect(tokenIn(await session.resume(waits))).toBe(waits);
    expect(session.reached).toEqual(["first"]);
    const shown = (await waitingIn(session)).calls[0]?.argsJson ?? "";
    await session.evict();
    expect((await waitingIn(session)).calls[0]?.argsJson).toBe(shown);
    await allow(session);
    expect(tokenIn(await session.resume(waits))).toBe(waits);
    await allow(session);
    const outcome = await session.resume(waits);
    expect(outcome).toMatchObject({ ok: true, result: { first: "Hello first", third: "Hello third" } });
    const { name } = JSON.parse(shown) as { name: string };
    expect(session.reached).toEqual(["first", name, "third"]);
    expect(JSON.parse(name).at(-1)).toBe(1);
    expect(outcome.calls).toMatchObject([{ server: "vault", tool: "greet", outcome: "succeeded", count: 3 }]);
    await session.evict();
    expect(await session.resume(waits)).toEqual(outcome);
    expect(session.reached).toHaveLength(3);
  });
});

test("a run goes on as it was recorded where the registry asks nobody any more: what was done is not done again", {
  tags: ["approvals.outlives"],
}, async () => {
  const low = { sensitivity: "low" as const };
  const session = await sessionWithVault({ ...low, tools: { ask: ["greet"] } });
  const waits = tokenIn(await session.run(`await vault.greet({ name: "one" }); return await vault.greet({ name: "two" });`));
  await allow(session);
  expect(tokenIn(await session.resume(waits))).toBe(waits);
  await session.declare(low);
  await session.evict();
  await allow(session);
  expect(await session.resume(waits)).toMatchObject({ ok: true, result: "Hello two" });
  expect(session.reached).toEqual(["one", "two"]);
});

/** Exports a key that nothing can foresee. */
const unforeseen = `const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]) as CryptoKey;
  const name = [...new Uint8Array(await crypto.subtle.exportKey("raw", key) as ArrayBuffer)].join(".");`;

describe("a program that wants a call without a decision", () => {
  test("catches refusals, and asks once more, by the tool's name and for the whole result: it is asked about each time", {
    tags: ["approvals.denied", "approvals.outlives"],
  }, async () => {
    const session = await sessionWithVault();
    const code = `const tries = [() => vault.greet({ name: "x" }), () => vault.greet({ name: "x" }),
        () => vault.$call("greet", { name: "x" }), () => vault.$raw("greet", { name: "x" })];
      const became = [];
      for (const again of tries) became.push(await again().catch((error) => error.code));
      return became;`;
    const waits = tokenIn(await session.run(code));
    for (const isLast of [false, false, false, true]) {
      await session.evict();
      await decide(session, "deny");
      if (!isLast) expect(tokenIn(await session.resume(waits))).toBe(waits);
    }
    expect(await session.resume(waits)).toMatchObject({ ok: true, result: ["denied", "denied", "denied", "denied"] });
    expect(session.reached).toEqual([]);
  });

  test("runs twice, and is asked about twice", { tags: ["approvals.one-decision"] }, async () => {
    const session = await sessionWithVault();
    const code = `return await vault.greet({ name: "twice" });`;
    const [first, second] = [tokenIn(await session.run(code)), tokenIn(await session.run(code))];
    expect(first).not.toBe(second);
    await session.evict();
    await allow(session);
    const outcomes = [await session.resume(first), await session.resume(second)];
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(session.reached).toEqual(["twice"]);
  });

  test("asks through a saved program, which is run again too, and makes each call once", {
    tags: ["approvals.outlives"],
  }, async () => {
    const session = await sessionWithVault({ sensitivity: "low", tools: { ask: ["greet"] } });
    const source = `import { vault } from "mcp-clients"; import { session } from "runtime";
      export default async ({ name }: { name: string }) => {
        await session.set("n", ((await session.get("n") as number | undefined) ?? 0) + 1);
        return [await vault.greet({ name }), await vault.greet({ name: name + "!" }), await session.get("n")]; };`;
    const made = await session.run(
      `return await dynamic.tool_create({ name: "greets_nested", description: "Greets.", code: ${JSON.stringify(source)}, allowedMcpIds: ["vault"] });`,
      ["vault", "dynamic"],
    );
    expect(made).toMatchObject({ ok: true });
    const waits = tokenIn(await session.run(`return await saved.greets_nested({ name: "nested" });`, ["saved"]));
    await session.evict();
    await allow(session);
    expect(tokenIn(await session.resume(waits))).toBe(waits);
    await session.evict();
    await allow(session);
    expect(await session.resume(waits)).toMatchObject({ ok: true, result: ["Hello nested", "Hello nested!", 1] });
    expect(session.reached).toEqual(["nested", "nested!"]);
  });

  test("asks for something else when it is run again, and is ended with what it had done", {
    tags: ["approvals.astray"],
  }, async () => {
    const session = await sessionWithVault();
    const code = `await vault.greet({ name: "done" }); ${unforeseen} return await vault.greet({ name });`;
    const waits = tokenIn(await session.run(code));
    await allow(session);
    expect(tokenIn(await session.resume(waits))).toBe(waits);
    await session.evict();
    await allow(session);
    const ended = await session.resume(waits);
    expect(ended).toMatchObject({
      ok: false,
      errors: [{ code: "program_lost", retryable: false }],
      calls: [{ outcome: "succeeded" }],
    });
    expect(session.reached).toEqual(["done"]);
    expect(await session.resume(waits)).toEqual(ended);
  });
});

describe("a client that is asked whether a call may be made", () => {
  const asks = { modes: ["form" as const] };
  type Vault = Awaited<ReturnType<typeof sessionWithVault>>;
  const objectOf = ({ name }: Vault) => env.SESSIONS.getByName(`owner/${name}`);

  async function startAsking(session: Vault, code: string) {
    using handle = await objectOf(session).startRun({ code, allowedMcpIds: ["vault"] }, new Listener(), asks);
    return await handle.next();
  }

  /** The client's user says this to the question of a step. */
  async function say(session: Vault, step: Step, answer: object): Promise<Step> {
    if (step.kind === "ended") throw new Error(JSON.stringify(step.outcome));
    const responses = Object.fromEntries(step.questions.map(({ id }) => [id, answer]));
    using handle = await objectOf(session).answerRun({ token: step.token, responses }, new Listener(), asks);
    return await handle.next();
  }
  const choose = (decision: string) => ({ action: "accept", content: { decision } });

  test("answers when its run has lost its process: nothing is made twice, and it is asked about the next call", {
    tags: ["approvals.asked-client"],
  }, async () => {
    const session = await sessionWithVault();
    const first = await startAsking(
      session,
      `const one = await vault.greet({ name: "one" }); return [one, await vault.greet({ name: "two" })];`,
    );
    expect(first).toMatchObject({
      questions: [{ question: { message: expect.stringContaining('vault.greet({"name":"one"})') } }],
    });
    await session.evict();
    expect((await waitingIn(session)).calls).toHaveLength(1);
    const second = await say(session, first, choose("allow"));
    expect(second).toMatchObject({ questions: [{ question: { message: expect.stringContaining('"two"') } }] });
    // The answer was lost on its way, and is sent again: the call that waits now is none that its user has seen.
    expect(tokenIn(endOf(await say(session, first, choose("allow"))))).toMatch(/^a_/);
    expect(session.reached).toEqual(["one"]);
    await allow(session);
    const ended = endOf(await say(session, second, choose("deny")));
    expect(ended).toMatchObject({ ok: true, result: ["Hello one", "Hello two"] });
    await session.evict();
    expect(endOf(await say(session, second, choose("deny")))).toEqual(ended);
    expect(session.reached).toEqual(["one", "two"]);
  });

  test.each([
    ["declines", { action: "decline" }, { code: "denied" }],
    ["closes the form", { action: "cancel" }, { code: "approval_required", token: expect.stringMatching(/^a_/) }],
    ["sends something else", choose("maybe"), { code: "approval_required", token: expect.stringMatching(/^a_/) }],
  ])(
    "and whose user %s sends nothing, before and after its process was lost",
    {
      tags: ["approvals.asked-client", "approvals.denied"],
    },
    async (_what, answer, error) => {
      const session = await sessionWithVault();
      for (const isLost of [false, true]) {
        const asked = await startAsking(session, `return await vault.greet({ name: "${isLost}" });`);
        if (isLost) await session.evict();
        expect(endOf(await say(session, asked, answer))).toMatchObject({ ok: false, errors: [error] });
      }
      expect(session.reached).toEqual([]);
    },
  );
});

describe("a person at the console", () => {
  test("who watches a run whose process is let go sees that it waits, and cancels it still", {
    tags: ["console.live"],
  }, async () => {
    const session = await sessionWithVault();
    const object = env.SESSIONS.getByName(`owner/${session.name}`);
    const waits = tokenIn(await session.run(`return await vault.greet({ name: "watched" });`));
    const [running] = await object.desk().listRunning();
    const id = running?.id ?? "";
    const watched = object.desk().watch(id, new Watcher());
    {
      using approvals = await object.approvals();
      await approvals.letGo();
    }
    const asks = { ok: false, errors: [{ code: "approval_required", token: waits }] };
    expect(await watched).toMatchObject(asks);
    expect(await object.desk().watch(id, new Watcher())).toMatchObject(asks);
    expect(await object.desk().readRunning(id)).toEqual({ "main.ts": `return await vault.greet({ name: "watched" });` });
    await object.desk().cancelRunning(id);
    expect(await session.resume(waits)).toMatchObject({ ok: false, errors: [{ code: "cancelled" }] });
    expect(await object.desk().readRunning(id)).toBeUndefined();
    expect(session.reached).toEqual([]);
  });
});
