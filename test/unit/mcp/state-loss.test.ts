import { describe, expect, test } from "vitest";
import type { UpstreamError } from "../../../core/errors.ts";
import { HeldState, type HeldStateOptions } from "../../../core/mcp/state-loss.ts";

function held(options: Partial<HeldStateOptions> = {}) {
  const remembered: boolean[] = [];
  const state = new HeldState({
    server: "browser",
    isStateful: true,
    nextCall: "starts it afresh",
    remember: (mayBeLost) => remembered.push(mayBeLost),
    ...options,
  });
  return { state, remembered };
}

function toldBy(state: HeldState): UpstreamError | undefined {
  try {
    state.tell();
    return undefined;
  } catch (error) {
    return error as UpstreamError;
  }
}

describe("what a stateful server holds", () => {
  test("is told of once when it is lost, to the next call, of which nothing was sent", () => {
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

  test("is nothing before the first call, and nothing again after a loss", () => {
    const { state } = held();
    state.lose("exited.");
    expect(toldBy(state)).toBeUndefined();
    state.use();
    state.lose("exited.");
    toldBy(state);
    state.lose("exited again.");
    expect(toldBy(state)).toBeUndefined();
  });

  test("keeps the reason of the first of several losses that nobody was told of", () => {
    const { state } = held();
    state.use();
    state.lose("was ended.");
    state.use();
    state.lose("exited.");
    expect(toldBy(state)?.message).toContain("it was ended.");
  });

  test("is not told of where the callers know already, but an earlier loss still is", () => {
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

  test("is nothing where the registry does not call the server stateful", () => {
    const { state, remembered } = held({ isStateful: false });
    state.use();
    state.lose("exited.");
    expect([toldBy(state), state.lossBy("was replaced."), remembered]).toEqual([undefined, undefined, []]);
  });
});

describe("a loss outlives the object that saw it", () => {
  test("handed on to the next one of that server", () => {
    const { state } = held();
    expect(state.lossBy("was replaced.")).toBeUndefined();
    state.use();
    const lost = state.lossBy("was replaced.");
    expect(toldBy(held({ lost }).state)?.message).toContain("it was replaced.");
    state.lose("exited.");
    expect(state.lossBy("was replaced.")).toBe("exited.");
  });

  test("written down from the first call until somebody was told", () => {
    const { state, remembered } = held();
    state.use();
    state.use();
    expect(remembered).toEqual([true]);
    state.lose("was ended.");
    expect(remembered).toEqual([true]);
    toldBy(state);
    expect(remembered).toEqual([true, false]);
  });

  test("and telling several callers of one loss does not hide what was held meanwhile", () => {
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
