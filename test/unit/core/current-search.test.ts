import { expect, test } from "vitest";
import type { Catalogue } from "../../../core/catalog.ts";
import { createCurrentSearch } from "../../../core/search.ts";
import { serverEntry, tool } from "../../support/builders.ts";

test("the index is built when first asked for, and again only after a change of the catalogue", () => {
  const server = serverEntry("a");
  let version = 0;
  let reads = 0;
  let catalogue: Catalogue | undefined;
  const search = createCurrentSearch([server], {
    cached() {
      reads += 1;
      return catalogue;
    },
    version: () => version,
  });
  expect(reads).toBe(0);
  for (let asked = 0; asked < 3; asked++) search().rank("issue", [server]);
  expect(reads).toBe(1);
  catalogue = { tools: [tool("create_issue")], fetchedAt: 0 };
  version += 1;
  expect(search().rank("issue", [server])[0]?.tools).toHaveLength(1);
  expect(reads).toBe(2);
});
