import { expect, test } from "vitest";
import { connectModern } from "../support/mcp-clients.ts";
import { startProduct } from "../support/product.ts";

test("while the process of `npm start` is frozen, programs end with what does not answer, and run again after it", {
  tags: ["sandbox.frozen-host"],
}, async () => {
  await using product = await startProduct({ registry: { servers: [] } });
  await using client = await connectModern(`${product.url}/mcp`);
  const run = () => client.call("execute_mcp_code", { code: "return 1;", maxRuntimeMs: 10_000 });
  product.signal("SIGSTOP");
  const { structured } = await run().finally(() => product.signal("SIGCONT"));
  expect(structured).toMatchObject({
    ok: false,
    errors: [{ code: "server_unavailable", message: expect.stringMatching(/"npm start" has not answered .*Run this again/) }],
  });
  expect((await run()).structured).toMatchObject({ ok: true, result: 1 });
});
