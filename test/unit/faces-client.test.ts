import { expect, test } from "vitest";
import { createClient } from "../../faces/client.ts";
import { serverEntry, textResult, tool } from "../support/builders.ts";
import { FakeUpstream } from "../support/fakes.ts";
import { startSession } from "../support/session.ts";

test.each([
  ["English", "A page of the documentation. "],
  ["Chinese", "数据库的一页文档。"],
  ["quotes", '"\\"'],
])("a generated client reads a value in %s that no answer can hold", { tags: ["results.handle"] }, async (_title, words) => {
  const page = words.repeat(12_000);
  const { run } = startSession({
    servers: [serverEntry("docs")],
    upstream: new FakeUpstream({ docs: { tools: [tool("read")], answers: { read: textResult(page) } } }),
  });
  const docs = createClient("docs");
  docs.$connect({ call: async (_tool, input) => ({ ...(await run(input)) }), close: async () => {} });
  expect(await docs.$call("read")).toBe(page);
});
