import { describe, expect, test } from "vitest";
import { createTurnstile } from "../../../core/semaphore.ts";

const never = new AbortController().signal;

/** What has happened to a promise by the time all that can happen has. */
async function stateOf(promise: Promise<unknown>): Promise<"waiting" | "in" | "refused"> {
  const waiting = new Promise<"waiting">((resolve) => setImmediate(resolve, "waiting"));
  return Promise.race([
    promise.then(
      () => "in" as const,
      () => "refused" as const,
    ),
    waiting,
  ]);
}

describe("a turnstile", () => {
  test("lets as many in as it has places, and the rest in the order they came", async () => {
    const turnstile = createTurnstile(2);
    const [first, second] = [await turnstile.enter(never), await turnstile.enter(never)];
    const [third, fourth] = [turnstile.enter(never), turnstile.enter(never)];
    expect(await stateOf(third)).toBe("waiting");
    first[Symbol.dispose]();
    expect([await stateOf(third), await stateOf(fourth)]).toEqual(["in", "waiting"]);
    second[Symbol.dispose]();
    expect(await stateOf(fourth)).toBe("in");
  });

  test("gives a turn back once, however often it is disposed", async () => {
    const turnstile = createTurnstile(1);
    const turn = await turnstile.enter(never);
    turn[Symbol.dispose]();
    turn[Symbol.dispose]();
    await turnstile.enter(never);
    expect(await stateOf(turnstile.enter(never))).toBe("waiting");
  });

  test("refuses one who came too late at once", async () => {
    await expect(createTurnstile(1).enter(AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  });

  test("forgets one who gave up, and only that one", async () => {
    const turnstile = createTurnstile(1);
    const turn = await turnstile.enter(never);
    const giving = new AbortController();
    const second = turnstile.enter(giving.signal);
    const third = turnstile.enter(never);
    giving.abort();
    await expect(second).rejects.toMatchObject({ code: "cancelled" });
    turn[Symbol.dispose]();
    expect(await stateOf(third)).toBe("in");
  });

  test("does not lose a turn to one who gives up after it came", async () => {
    const turnstile = createTurnstile(1);
    const turn = await turnstile.enter(never);
    const late = new AbortController();
    const second = turnstile.enter(late.signal);
    turn[Symbol.dispose]();
    late.abort();
    (await second)[Symbol.dispose]();
    expect(await stateOf(turnstile.enter(never))).toBe("in");
  });
});
