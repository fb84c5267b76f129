import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { processesOf, startBackground } from "../../support/background-process.ts";
import { projectRoot } from "../../support/project-root.ts";

const showsEnvironments = existsSync("/proc/self/environ");

/** Most of its time is spent between the start of a process and the moment when its id is known, so most kills fall there. */
async function processesLeftAfterKill(afterMs: number): Promise<string[]> {
  await using parent = await startBackground({ args: () => [join(projectRoot, "test/support/starts-without-end.mjs")] });
  await parent.printed(/has started some/);
  await delay(afterMs);
  parent.signal("SIGKILL");
  const left = () => processesOf(parent).map(({ command }) => command);
  await expect.poll(left, { timeout: 15_000 }).toEqual([]);
  return left();
}

it.runIf(showsEnvironments)(
  "a process killed in the middle of starting others leaves none of them behind",
  { tags: ["start.stop"] },
  async () => {
    const moments = [0, 5, 10, 15, 20, 25, 30, 35];

    const left = await Promise.all(moments.map(processesLeftAfterKill));

    expect(left.flat()).toEqual([]);
  },
);
