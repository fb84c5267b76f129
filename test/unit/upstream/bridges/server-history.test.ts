import { describe, expect, test } from "vitest";
import { limits } from "../../../../core/limits.ts";
import { ServerHistory } from "../../../../worker/upstream/bridges/server-history.ts";
import { memoryStore } from "../../../support/fakes.ts";

const { stateReliedOnMs: reliedOnMs } = limits;

/** A stateful server that was called on one process of its bridge. */
function calledOnce(store = memoryStore()): ServerHistory {
  const history = new ServerHistory(store);
  history.note([{ id: "browser", instance: "laptop-1", toolsChanges: 0 }]);
  history.called("browser", "laptop-1", 0);
  return history;
}

describe("state that went with the process of its bridge", () => {
  test("is reported lost once, up to an hour after its last use, and not later", { tags: ["upstream.loss-lately"] }, () => {
    const atLimit = calledOnce();
    expect(atLimit.takeLoss("browser", "laptop-2", reliedOnMs)).toBe(true);
    expect(atLimit.takeLoss("browser", "laptop-2", reliedOnMs)).toBe(false);
    const over = calledOnce();
    expect(over.takeLoss("browser", "laptop-2", reliedOnMs + 1)).toBe(false);
    expect(over.takeLoss("browser", "laptop-1", 0)).toBe(false);
  });

  test("was last used at its last call, of which calls within a minute are not stored", {
    tags: ["upstream.loss-lately"],
  }, () => {
    const store = memoryStore();
    calledOnce(store).called("browser", "laptop-1", 59_999);
    expect(new ServerHistory(store).takeLoss("browser", "laptop-2", reliedOnMs + 1)).toBe(false);
    calledOnce(store).called("browser", "laptop-1", 60_000);
    expect(new ServerHistory(store).takeLoss("browser", "laptop-2", reliedOnMs + 1)).toBe(true);
  });
});
