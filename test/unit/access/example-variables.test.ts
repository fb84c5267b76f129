import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { readIdentity } from "../../../worker/identity-settings.ts";
import { root } from "../../support/sources.ts";

const example = readFileSync(join(root, ".dev.vars.example"), "utf8");

test("a copy of .dev.vars.example closes and opens nothing", { tags: ["start.plain-worker"] }, () => {
  const variables = parseEnv(example);
  expect(Object.keys(variables)).toEqual(["AUTH_TOKEN", "BRIDGE_TOKEN", "OAUTH_KEY"]);
  expect(readIdentity(variables)).toEqual(readIdentity({}));
});

test("the copy stays out of the repository, and the example in it", { tags: ["start.plain-worker"] }, () => {
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
  expect(ignored).toContain(".dev.vars");
  expect(ignored).not.toContain(".dev.vars.example");
  expect(ignored).not.toContain(".dev.vars*");
});
