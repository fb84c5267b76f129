import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { useStack } from "../../bridge/local/users.ts";
import { processesOf, startBackground } from "../support/background-process.ts";
import { projectRoot } from "../support/project-root.ts";

test("of several starts at once on one port one runs, and the others end although somebody waits for a stack", {
  tags: ["start.at-once"],
}, async () => {
  const port = await findFreePort();
  const folder = join(projectRoot, ".wrangler", "local", String(port));
  const use = await useStack(folder);
  const start = () =>
    startBackground({ args: () => ["bridge/main.mjs", "local", "--while-used"], env: () => ({ PORT: String(port) }) });
  const starts = await Promise.all([start(), start(), start()]);
  try {
    const first = await Promise.any(starts.map(async (one) => one.printed(/^Ready: /m).then(() => one)));
    for (const one of starts.filter((other) => other !== first)) {
      expect(await one.exited()).toBe(1);
      expect(one.output()).toContain(`Port ${port} is taken.`);
    }
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);

    use[Symbol.dispose]();
    expect(await first.exited()).toBe(0);
    for (const one of starts) expect(processesOf(one)).toEqual([]);
  } finally {
    use[Symbol.dispose]();
    for (const one of starts) await one[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});
