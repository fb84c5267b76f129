import { describe, expect, test } from "vitest";
import { discoveryLimits } from "../../../core/discovery/discovery-limits.ts";
import { createSearchMemory } from "../../../core/discovery/search-memory.ts";
import { memoryStore } from "../../support/fakes.ts";

const { wishMs, wishesMax, helpedMs, helpedMax, helpedCharsMax } = discoveryLimits;
const chat = [{ id: "chat", tools: [{ name: "post" }, { name: "list" }] }];
const post = [{ server: "chat", tool: "post" }];

function startMemory() {
  const time = { now: 0 };
  const store = memoryStore();
  return { time, store, memory: createSearchMemory({ store, clock: { now: () => time.now, after: () => () => {} } }) };
}

describe("what helped", () => {
  test("is a tool that a list showed and that was called afterwards, for similar wishes", { tags: ["list.learnt"] }, () => {
    const { memory } = startMemory();
    memory.listed(["please send a message to the team"], chat);
    memory.called(post);
    const helped = memory.helpedWith("message the team");
    expect([...helped.keys()]).toEqual(["chat/post"]);
    expect(helped.get("chat/post")).toMatchObject({ words: ["message", "team"] });
    expect([...memory.helpedWith("delete the database").keys()]).toEqual([]);
  });

  test("is no tool that was not shown, not called, or called too late", { tags: ["list.learnt"] }, () => {
    const { memory, time } = startMemory();
    memory.listed(["send a message"], chat);
    memory.called([{ server: "chat", tool: "delete" }]);
    memory.called([]);
    time.now = wishMs + 1;
    memory.called(post);
    expect(memory.all()).toEqual([]);
  });

  test("counts once for each wish, however often a program calls it, and no more than three times", {
    tags: ["list.learnt"],
  }, () => {
    const { memory } = startMemory();
    const shares: (number | undefined)[] = [];
    for (let round = 0; round < 5; round++) {
      memory.listed(["send a message"], chat);
      for (let call = 0; call < 100; call++) memory.called(post);
      shares.push(memory.helpedWith("send a message").get("chat/post")?.share);
    }
    expect(shares).toEqual([1 / 3, 2 / 3, 1, 1, 1]);
  });

  test("is forgotten a month after it last helped, or at once", { tags: ["list.learnt"] }, () => {
    const { memory, time } = startMemory();
    const learn = () => {
      memory.listed(["send a message"], chat);
      memory.called(post);
    };
    learn();
    time.now = helpedMs;
    expect(memory.all()).toHaveLength(1);
    time.now += 1;
    expect(memory.all()).toEqual([]);
    learn();
    expect(memory.forget()).toBe(1);
    memory.called(post);
    expect(memory.all()).toEqual([]);
  });

  test("is bounded in number and size, and the oldest goes first", { tags: ["list.learnt"] }, () => {
    const { memory, store } = startMemory();
    const learn = (wish: string) => {
      memory.listed([wish], chat);
      memory.called(post);
    };
    for (let at = 0; at <= helpedMax; at++) learn(`wish${at}`);
    expect(memory.all()).toHaveLength(helpedMax);
    expect(memory.all().at(-1)?.words).toEqual(["wish1"]);
    for (let at = 0; at < helpedMax; at++) learn(Array.from({ length: 40 }, (_, word) => `w${at}x${word}`).join(" "));
    expect(store.bytes("search/helped")).toBeLessThanOrEqual(helpedCharsMax);
  });

  test("is not learnt from a wish without words, or from more wishes than are kept", () => {
    const { memory } = startMemory();
    memory.listed(["the", ""], chat);
    memory.listed(["first wish"], chat);
    for (let at = 0; at < wishesMax; at++) memory.listed([`later${at}`], [{ id: "chat", tools: [{ name: "list" }] }]);
    memory.called(post);
    expect(memory.all()).toEqual([]);
  });

  test("is as good as nothing if the store holds something else", () => {
    const { memory, store } = startMemory();
    store.write("search/helped", [{ words: 1 }]);
    store.write("search/asked", "text");
    memory.called(post);
    expect([memory.all(), memory.helpedWith("x").size]).toEqual([[], 0]);
  });
});
