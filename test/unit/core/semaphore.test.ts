import { describe, expect, test } from "vitest";
import { createSemaphore } from "../../../core/semaphore.ts";

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

describe("a semaphore", () => {
  test("lets as many in as it has places, and the rest in the order they came", async () => {
    const semaphore = createSemaphore(2);
    const [first, second] = [await semaphore.acquire(never), await semaphore.acquire(never)];
    const [third, fourth] = [semaphore.acquire(never), semaphore.acquire(never)];
    expect(await stateOf(third)).toBe("waiting");
    first[Symbol.dispose]();
    expect([await stateOf(third), await stateOf(fourth)]).toEqual(["in", "waiting"]);
    second[Symbol.dispose]();
    expect(await stateOf(fourth)).toBe("in");
  });

  test("gives a turn back once, however often it is disposed", async () => {
    const semaphore = createSemaphore(1);
    const permit = await semaphore.acquire(never);
    permit[Symbol.dispose]();
    permit[Symbol.dispose]();
    await semaphore.acquire(never);
    expect(await stateOf(semaphore.acquire(never))).toBe("waiting");
  });

  test("refuses one who came too late at once", async () => {
    await expect(createSemaphore(1).acquire(AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  });

  test("forgets one who gave up, and only that one", async () => {
    const semaphore = createSemaphore(1);
    const permit = await semaphore.acquire(never);
    const giving = new AbortController();
    const second = semaphore.acquire(giving.signal);
    const third = semaphore.acquire(never);
    giving.abort();
    await expect(second).rejects.toMatchObject({ code: "cancelled" });
    permit[Symbol.dispose]();
    expect(await stateOf(third)).toBe("in");
  });

  test("does not lose a turn to one who gives up after it came", async () => {
    const semaphore = createSemaphore(1);
    const permit = await semaphore.acquire(never);
    const late = new AbortController();
    const second = semaphore.acquire(late.signal);
    permit[Symbol.dispose]();
    late.abort();
    (await second)[Symbol.dispose]();
    expect(await stateOf(semaphore.acquire(never))).toBe("in");
  });
});
