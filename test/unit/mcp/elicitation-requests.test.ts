import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { ElicitationRequests, type ElicitingCall } from "../../../core/mcp/elicitation-requests.ts";
import { ManualClock } from "../../support/fakes.ts";

const clock = new ManualClock();
const form = { mode: "form", message: "Really?", requestedSchema: { type: "object", properties: {} } };
const never = new AbortController().signal;

/** A call of a client; it notes that it was asked, and answers when it is told to. */
function call(canElicit: boolean, caller?: string) {
  const answered = Promise.withResolvers<void>();
  const asked: boolean[] = [];
  const eliciting: ElicitingCall = {
    canElicit,
    ...(caller === undefined ? {} : { caller }),
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
      const requests = new ElicitationRequests(clock);
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
    const requests = new ElicitationRequests(clock);
    const calls = canElicit.map((can) => call(can));
    for (const { eliciting } of calls) requests.add(eliciting);
    for (const { answer } of calls) answer();
    expect(await requests.answer(form, never)).toMatchObject({ action: "accept" });
    expect(calls.map(({ asked }) => asked)).toEqual(canElicit.map((can) => (can ? [false] : [])));
  });

  test("does not go to a call that already asks", async () => {
    const requests = new ElicitationRequests(clock);
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
    const requests = new ElicitationRequests(clock);
    const [first, second, third] = [call(true), call(true), call(true)];
    using _first = requests.add(first.eliciting);
    using _second = requests.add(second.eliciting);
    const answer = requests.answer(form, never);
    let isHeldBack = true;
    const settled = requests.addInTurn(third.eliciting).then(() => {
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
    const requests = new ElicitationRequests(clock);
    const [first, second] = [call(true), call(true)];
    using _first = requests.add(first.eliciting);
    const answer = requests.answer(form, never);
    expect(requests.isBlurring(second.eliciting)).toBe(false);
    first.answer();
    await answer;
  });

  test("lets a call that is held back end with its deadline", async () => {
    const requests = new ElicitationRequests(clock);
    const [first, second] = [call(true), call(true)];
    using _first = requests.add(first.eliciting);
    using _second = requests.add(second.eliciting);
    const answer = requests.answer(form, never);
    const over = AbortSignal.abort();
    await requests.addInTurn({ deadline: { ...first.eliciting.deadline, signal: over } });
    first.answer();
    await answer;
  });
});

describe("a question of a server that works for two clients, both of which can be asked", { tags: ["questions.owner"] }, () => {
  const settle = () => new Promise(setImmediate);

  function world() {
    const own = new ManualClock();
    const [ada, bob] = [call(true, "ada"), call(true, "bob")];
    return { clock: own, requests: new ElicitationRequests(own), ada, bob };
  }

  test.each([["first"], ["second"]])("waits until the other call has ended, when its own call came %s", async (order) => {
    const { requests, ada, bob } = world();
    const calls = order === "first" ? [ada, bob] : [bob, ada];
    const [own, other] = calls.map(({ eliciting }) => requests.add(eliciting));
    const ofAda = order === "first" ? own : other;
    const ofBob = order === "first" ? other : own;
    const answer = requests.answer(form, never);
    await settle();
    expect([ada.asked, bob.asked]).toEqual([[], []]);
    ofBob?.[Symbol.dispose]();
    await settle();
    expect([ada.asked, bob.asked]).toEqual([[true], []]);
    ada.answer();
    expect(await answer).toMatchObject({ action: "accept" });
    ofAda?.[Symbol.dispose]();
  });

  test("goes to the older call when the other one does not end, and not before", async () => {
    const { clock: own, requests, ada, bob } = world();
    requests.add(ada.eliciting);
    requests.add(bob.eliciting);
    const answer = requests.answer(form, never);
    await own.advance(limits.questionOwnerMs - 1);
    await settle();
    expect([ada.asked, bob.asked]).toEqual([[], []]);
    await own.advance(1);
    await settle();
    expect([ada.asked, bob.asked]).toEqual([[false], []]);
    ada.answer();
    await answer;
  });

  test("goes to one each, in the order of the calls, when both ask", async () => {
    const { requests, ada, bob } = world();
    requests.add(ada.eliciting);
    requests.add(bob.eliciting);
    const answers = [
      requests.answer({ ...form, message: "first" }, never),
      requests.answer({ ...form, message: "second" }, never),
    ];
    await settle();
    expect([ada.asked, bob.asked]).toEqual([[false], [true]]);
    for (const { answer } of [ada, bob]) answer();
    expect(await Promise.all(answers)).toHaveLength(2);
  });

  test("does not wait for calls of the same client", async () => {
    const requests = new ElicitationRequests(clock);
    const [first, second] = [call(true, "ada"), call(true, "ada")];
    requests.add(first.eliciting);
    requests.add(second.eliciting);
    const answer = requests.answer(form, never);
    await settle();
    expect([first.asked, second.asked]).toEqual([[false], []]);
    first.answer();
    await answer;
  });

  test("keeps the other client's calls waiting from then on, and no others", async () => {
    const { requests, ada, bob } = world();
    const ofAda = requests.add(ada.eliciting);
    expect(requests.isBlurring(bob.eliciting)).toBe(false);
    const answer = requests.answer(form, never);
    await settle();
    ada.answer();
    await answer;
    expect(requests.isBlurring(call(true, "ada").eliciting)).toBe(false);
    expect(requests.isBlurring(call(false, "eve").eliciting)).toBe(false);
    expect(requests.isBlurring(bob.eliciting)).toBe(true);
    let isAdded = false;
    const turn = requests.addInTurn(bob.eliciting).then(() => {
      isAdded = true;
    });
    const next = requests.addInTurn(call(true, "cy").eliciting);
    await settle();
    expect(isAdded).toBe(false);
    ofAda[Symbol.dispose]();
    const added = await Promise.race([turn.then(() => "bob"), next.then(() => "cy")]);
    expect([isAdded, added]).toEqual([true, "bob"]);
  });
});
