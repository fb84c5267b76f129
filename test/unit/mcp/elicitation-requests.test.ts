import { describe, expect, test } from "vitest";
import { ElicitationRequests, type ElicitingCall } from "../../../core/mcp/elicitation-requests.ts";

const form = { mode: "form", message: "Really?", requestedSchema: { type: "object", properties: {} } };
const never = new AbortController().signal;

/** A call of a client; it notes that it was asked, and answers when it is told to. */
function call(canElicit: boolean) {
  const answered = Promise.withResolvers<void>();
  const asked: boolean[] = [];
  const eliciting: ElicitingCall = {
    canElicit,
    deadline: { hold: () => ({ [Symbol.dispose]() {} }), signal: never },
    async onElicit(_question, { isCertain }) {
      asked.push(isCertain);
      if (canElicit) await answered.promise;
      return canElicit ? { action: "accept", content: {} } : { action: "cancel" };
    },
  };
  return { eliciting, asked, answer: () => answered.resolve() };
}

describe("a question of a server that does not say to which call it belongs", { tags: ["questions.asked"] }, () => {
  test("goes to the only call in flight, whether its client can be asked or not", async () => {
    for (const canElicit of [true, false]) {
      const requests = new ElicitationRequests();
      const only = call(canElicit);
      using _only = requests.add(only.eliciting);
      only.answer();
      expect(await requests.answer(form, never)).toMatchObject({ action: canElicit ? "accept" : "cancel" });
      expect(only.asked).toEqual([true]);
    }
  });

  test.each([
    ["first", [true, false]],
    ["second", [false, true]],
    ["in the middle", [false, true, false]],
  ])("goes to the only client that can be asked, which called %s", async (_when, canElicit) => {
    const requests = new ElicitationRequests();
    const calls = canElicit.map(call);
    for (const { eliciting } of calls) requests.add(eliciting);
    for (const { answer } of calls) answer();
    expect(await requests.answer(form, never)).toMatchObject({ action: "accept" });
    expect(calls.map(({ asked }) => asked)).toEqual(canElicit.map((can) => (can ? [false] : [])));
  });

  test("does not go to a call that already asks", async () => {
    const requests = new ElicitationRequests();
    const [first, second] = [call(true), call(true)];
    using _first = requests.add(first.eliciting);
    const one = requests.answer(form, never);
    using _second = requests.add(second.eliciting);
    const two = requests.answer(form, never);
    expect([first.asked, second.asked]).toEqual([[true], [true]]);
    second.answer();
    first.answer();
    expect(await Promise.all([one, two])).toHaveLength(2);
  });

  test("holds back further calls while it may belong to several, and no longer", async () => {
    const requests = new ElicitationRequests();
    const [first, second, third] = [call(true), call(true), call(true)];
    using _first = requests.add(first.eliciting);
    using _second = requests.add(second.eliciting);
    const answer = requests.answer(form, never);
    let isHeldBack = true;
    const settled = requests.settled(third.eliciting).then(() => {
      isHeldBack = false;
    });
    await new Promise(setImmediate);
    expect(isHeldBack).toBe(true);
    first.answer();
    await answer;
    await settled;
    expect(isHeldBack).toBe(false);
  });

  test("holds back nothing while it is certain", async () => {
    const requests = new ElicitationRequests();
    const [first, second] = [call(true), call(true)];
    using _first = requests.add(first.eliciting);
    const answer = requests.answer(form, never);
    await requests.settled(second.eliciting);
    first.answer();
    await answer;
  });

  test("lets a call that is held back end with its deadline", async () => {
    const requests = new ElicitationRequests();
    const [first, second] = [call(true), call(true)];
    using _first = requests.add(first.eliciting);
    using _second = requests.add(second.eliciting);
    const answer = requests.answer(form, never);
    const over = AbortSignal.abort();
    await requests.settled({ deadline: { ...first.eliciting.deadline, signal: over } });
    first.answer();
    await answer;
  });
});
