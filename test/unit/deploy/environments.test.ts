import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { root } from "../../support/sources.ts";

/* wrangler.toml: an environment inherits no bindings, so what one lacks is missing only once it is deployed. */

const Table = z.record(z.string(), z.unknown());
const config = Table.parse(parse(readFileSync(`${root}/wrangler.toml`, "utf8")));
const environments = z.record(z.string(), Table).parse(config.env);

/** What is not deployed, or is inherited, and so the same in every environment. */
const notDeployed = ["env", "dev", "name", "main", "no_bundle", "compatibility_date", "build", "rules"];

const deployed = (table: z.infer<typeof Table>) =>
  Object.fromEntries(Object.entries(table).filter(([key]) => !notDeployed.includes(key)));

test.each(Object.keys(environments))(
  "%s has all that the upper part has, and nothing else",
  { tags: ["deploy.environments"] },
  (name) => {
    expect(deployed(environments[name] ?? {})).toEqual(deployed(config));
  },
);

test("production and preview are two Workers", { tags: ["deploy.environments"] }, () => {
  const names = Object.values(environments).map(({ name }) => name);
  expect(Object.keys(environments)).toEqual(["production", "preview"]);
  expect(new Set(names).size).toBe(2);
});

describe("a second deployment", () => {
  test("uses nothing of the first: no binding names a Worker", { tags: ["deploy.own-compiler"] }, () => {
    for (const table of [config, ...Object.values(environments)]) {
      expect(table).not.toHaveProperty("services");
      const objects = z.object({ bindings: z.array(Table) }).parse(table.durable_objects);
      for (const binding of objects.bindings) expect(binding).not.toHaveProperty("script_name");
    }
  });
});
