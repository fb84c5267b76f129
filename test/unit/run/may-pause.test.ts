import { describe, expect, test } from "vitest";
import { mayPause } from "../../../core/run/may-pause.ts";
import { savedEntry } from "../../../core/saved/saved-server.ts";
import { dynamicEntry } from "../../../core/saved/saved-tools.ts";
import { serverEntry } from "../../support/builders.ts";

/* Which runs are recorded, because a call of theirs may have to wait for a person. */

const high = serverEntry("high", { sensitivity: "high" });
const rule = serverEntry("rule", { tools: { ask: ["send_*"] } });
const open = serverEntry("open");
const servers = [high, rule, open, savedEntry, dynamicEntry];

describe("a run is recorded", { tags: ["approvals.outlives"] }, () => {
  const pauses = (ids: string[], usedBySaved: string[] = []) =>
    mayPause(
      { servers, asksForApproval: true, savedUse: () => new Set(usedBySaved) },
      servers.filter(({ id }) => ids.includes(id)),
    );

  test("if it uses a server that may ask", () => {
    expect(pauses(["high"])).toBe(true);
    expect(pauses(["open", "rule"])).toBe(true);
    expect(pauses(["open"])).toBe(false);
  });

  test("if it calls saved programs and one of them uses such a server", () => {
    expect(pauses(["saved"], ["open", "high"])).toBe(true);
    expect(pauses(["open", "saved"], ["rule"])).toBe(true);
    expect(pauses(["open"], ["high"])).toBe(false);
  });

  test("and not if none of them does, nor for other servers of our own", () => {
    expect(pauses(["saved"], ["open", "saved", "gone"])).toBe(false);
    expect(pauses(["dynamic"], ["high"])).toBe(false);
  });

  test("if it is not known what saved programs use, and never where nobody is asked", () => {
    const used = [savedEntry];
    expect(mayPause({ servers, asksForApproval: true }, used)).toBe(true);
    expect(mayPause({ servers: [open, savedEntry], asksForApproval: true }, used)).toBe(false);
    expect(mayPause({ servers, asksForApproval: false }, [high, savedEntry])).toBe(false);
  });
});
