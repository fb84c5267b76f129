import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { createTraffic } from "../../../core/policy/traffic.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, ManualClock } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/** One session with several registries in turn, as after a change of the bridge's file. */
function startChanging(upstream = new FakeUpstream({ hub: { tools: [tool("t")] } })) {
  const traffic = createTraffic({ clock: new ManualClock() });
  return (...servers: ServerEntry[]) => startSession({ servers, upstream, traffic });
}

const hub = (bounds: ServerEntry["limits"] = {}) => serverEntry("hub", { limits: bounds });

describe("a changed registry", () => {
  test("does not reset callsPerMinute", { tags: ["limits.calls"] }, async () => {
    const withRegistry = startChanging();
    const twice = { code: "await hub.t({}); await hub.t({});" };
    expect(await withRegistry(hub({ callsPerMinute: 3 })).run(twice)).toMatchObject({ ok: true });
    const changed = withRegistry(hub({ callsPerMinute: 3 }), serverEntry("other"));
    expect(await changed.run(twice)).toMatchObject({ ok: false, errors: [{ code: "rate_limited" }] });
    const back = withRegistry(serverEntry("hub", { title: "Moved", limits: { callsPerMinute: 3 } }));
    expect(await back.run({ code: "await hub.t({});" })).toMatchObject({ ok: false, errors: [{ code: "rate_limited" }] });
  });

  test("with another concurrency applies it from the next call on", { tags: ["limits.calls"] }, async () => {
    let running = 0;
    let most = 0;
    let all = { places: 1, ...Promise.withResolvers<void>() };
    const meets = async () => {
      most = Math.max(most, ++running);
      if (running === all.places) all.resolve();
      await all.promise;
      running -= 1;
      return textResult("ok");
    };
    const withRegistry = startChanging(new FakeUpstream({ hub: { tools: [tool("t")], answers: { t: meets } } }));
    const six = { code: "await Promise.all(Array.from({ length: 6 }, () => hub.t({})));" };
    await withRegistry(hub({ concurrency: 1 })).run(six);
    expect(most).toBe(1);
    // Resolves only when three calls are in flight at once.
    all = { places: 3, ...Promise.withResolvers<void>() };
    await withRegistry(hub({ concurrency: 3 })).run(six);
    expect(most).toBe(3);
  });

  test("does not allow more than runsAtOnce runs together with the earlier one", { tags: ["limits.calls"] }, async () => {
    let started = 0;
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const waits = async () => {
      started += 1;
      await end;
      return textResult("ok");
    };
    const withRegistry = startChanging(new FakeUpstream({ hub: { tools: [tool("t")], answers: { t: waits } } }));
    const sessions = [withRegistry(hub()), withRegistry(hub(), serverEntry("other"))];
    const runs = sessions.flatMap(({ run }) =>
      Array.from({ length: limits.runsAtOnce }, () => run({ code: "await hub.t({});" })),
    );
    while (started < limits.runsAtOnce) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(started).toBe(limits.runsAtOnce);
    resolve();
    expect((await Promise.all(runs)).filter(({ ok }) => !ok)).toEqual([]);
  });
});
