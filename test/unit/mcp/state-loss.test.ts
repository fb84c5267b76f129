import { describe, expect, test } from "vitest";
import type { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { HeldState, type HeldStateOptions } from "../../../core/mcp/state-loss.ts";

function held(options: Partial<HeldStateOptions> = {}) {
  const remembered: boolean[] = [];
  const state = new HeldState({
    server: "browser",
    isStateful: true,
    nextCall: "starts it afresh",
    now: () => 0,
    remember: (mayBeLost) => remembered.push(mayBeLost),
    ...options,
  });
  return { state, remembered };
}

function toldBy(state: HeldState): UpstreamError | undefined {
  try {
    state.throwIfLost();
    return undefined;
  } catch (error) {
    return error as UpstreamError;
  }
}

describe("the state of a stateful server", () => {
  test("fails the next call once when it is lost, and that call is not sent", () => {
    const { state } = held();
    state.use();
    expect(toldBy(state)).toBeUndefined();
    state.lose("was ended by SIGKILL.");
    expect(toldBy(state)).toMatchObject({
      code: "server_unavailable",
      delivery: "not_sent",
      details: { server: "browser", retryable: false },
      message:
        "browser lost its state since the last call: it was ended by SIGKILL. The next call starts it afresh, with nothing open.",
    });
    expect(toldBy(state)).toBeUndefined();
  });

  test("cannot be lost before the first call, nor again after a loss until the next call", () => {
    const { state } = held();
    state.lose("exited.");
    expect(toldBy(state)).toBeUndefined();
    state.use();
    state.lose("exited.");
    toldBy(state);
    state.lose("exited again.");
    expect(toldBy(state)).toBeUndefined();
  });

  test("is reported lost with the first reason if it was lost several times without a report", () => {
    const { state } = held();
    state.use();
    state.lose("was ended.");
    state.use();
    state.lose("exited.");
    expect(toldBy(state)?.message).toContain("it was ended.");
  });

  test("is not reported lost if the callers already know, while an earlier loss still is", () => {
    const { state, remembered } = held();
    state.use();
    state.forget();
    expect([toldBy(state), remembered]).toEqual([undefined, [true, false]]);
    state.use();
    state.lose("was ended.");
    state.use();
    state.forget();
    expect(toldBy(state)?.message).toContain("it was ended.");
  });

  test("is not tracked if the registry does not mark the server as stateful", () => {
    const { state, remembered } = held({ isStateful: false });
    state.use();
    state.lose("exited.");
    expect([toldBy(state), state.lossBy("was replaced."), remembered]).toEqual([undefined, undefined, []]);
  });
});

describe("a loss that was not reported yet", () => {
  test("is passed on when the server's object is replaced", () => {
    const { state } = held();
    expect(state.lossBy("was replaced.")).toBeUndefined();
    state.use();
    const lost = state.lossBy("was replaced.");
    expect(toldBy(held({ lost }).state)?.message).toContain("it was replaced.");
    state.lose("exited.");
    expect(state.lossBy("was replaced.")).toBe("exited.");
  });

  test("is possible, and stored as such, from the first call until the loss is reported", () => {
    const { state, remembered } = held();
    state.use();
    state.use();
    expect(remembered).toEqual([true]);
    state.lose("was ended.");
    expect(remembered).toEqual([true]);
    toldBy(state);
    expect(remembered).toEqual([true, false]);
  });

  test("of new state is not hidden when several calls report the earlier loss", () => {
    const { state, remembered } = held();
    state.use();
    state.lose("was ended.");
    state.refusal("was ended.");
    state.use();
    expect(state.refusal("was ended.").message).toContain("it was ended.");
    expect(remembered).toEqual([true, false, true]);
    expect(state.lossBy("exited.")).toBe("exited.");
  });
});

describe("state that nobody used lately", () => {
  const { stateReliedOnMs: reliedOnMs } = limits;

  function heldSince(options: Partial<HeldStateOptions> = {}) {
    const time = { now: 0 };
    return { ...held({ now: () => time.now, ...options }), time };
  }

  test("is lost without a word, whether it was lost then or in the meantime", { tags: ["upstream.loss-lately"] }, () => {
    const before = heldSince();
    before.state.use();
    before.state.lose("was ended.");
    before.time.now = reliedOnMs + 1;
    expect([toldBy(before.state), before.remembered]).toEqual([undefined, [true, false]]);

    const since = heldSince();
    since.state.use();
    since.time.now = reliedOnMs + 1;
    since.state.lose("was ended.");
    expect([toldBy(since.state), since.state.lossBy("was replaced.")]).toEqual([undefined, undefined]);
  });

  test("is relied on up to the limit, counted from its last use", { tags: ["upstream.loss-lately"] }, () => {
    const { state, time } = heldSince();
    state.use();
    time.now = 1_000;
    state.use();
    time.now = 1_000 + reliedOnMs;
    state.lose("was ended.");
    expect(toldBy(state)?.message).toContain("it was ended.");
  });

  test("is remembered anew with its use, but not with each call", () => {
    const { state, time, remembered } = heldSince();
    for (const now of [0, 1_000, 59_999, 60_000, 60_001]) {
      time.now = now;
      state.use();
    }
    expect(remembered).toEqual([true, true]);
  });

  test("is reported again once it is used again", () => {
    const { state, time } = heldSince();
    state.use();
    time.now = reliedOnMs + 1;
    state.use();
    state.lose("was ended.");
    expect(toldBy(state)?.message).toContain("it was ended.");
  });
});
