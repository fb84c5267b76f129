import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

test("runs a program in a real isolate", async () => {
  const session = env.SESSIONS.getByName("owner/default");
  using run = await session.startRun({ code: "return 1 + 1" }, { progressed: async () => {} });
  expect(await run.outcome()).toMatchObject({ ok: true, result: 2 });
});
