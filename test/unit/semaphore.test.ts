import { describe, expect, test } from "vitest";
import { createSemaphore } from "../../core/semaphore.ts";

const never = new AbortController().signal;

/** The state of a promise after all pending microtasks. */
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
  test("grants its permits at once, and the next ones in the order of the requests", async () => {
    const semaphore = createSemaphore(2);
    const [first, second] = [await semaphore.acquire(never), await semaphore.acquire(never)];
    const [third, fourth] = [semaphore.acquire(never), semaphore.acquire(never)];
    expect(await stateOf(third)).toBe("waiting");
    first[Symbol.dispose]();
    expect([await stateOf(third), await stateOf(fourth)]).toEqual(["in", "waiting"]);
    second[Symbol.dispose]();
    expect(await stateOf(fourth)).toBe("in");
  });

  test("releases a permit once, even if it is disposed twice", async () => {
    const semaphore = createSemaphore(1);
    const permit = await semaphore.acquire(never);
    permit[Symbol.dispose]();
    permit[Symbol.dispose]();
    await semaphore.acquire(never);
    expect(await stateOf(semaphore.acquire(never))).toBe("waiting");
  });

  test("rejects at once if the signal is already aborted", async () => {
    await expect(createSemaphore(1).acquire(AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  });

  test("removes only the aborted request from the queue", async () => {
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

  test("does not lose a permit if the signal aborts after it was granted", async () => {
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
