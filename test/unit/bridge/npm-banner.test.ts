import { expect, test } from "vitest";
import { bannerHint } from "../../../bridge/npm-banner.ts";

const script = { npm_lifecycle_event: "bridge", npm_config_loglevel: "error", npm_execpath: "/usr/lib/npm/bin/npm-cli.js" };
const hintOf = (argv: string[], env: Record<string, string>, isTerminal = false) =>
  bannerHint(argv, { environment: (name) => env[name], isTerminal });

test("a program that reads JSON after npm's banner is told how to get it alone", { tags: ["bridge.commands"] }, () => {
  expect(hintOf(["call", "time", "now", '{"zone":"it\'s"}', "--json"], script)).toBe(
    `npm printed two lines before this JSON. Without them: npm run -s bridge -- call time now '{"zone":"it'\\''s"}' --json\n`,
  );
});

test.each([
  ["a silent npm", { ...script, npm_config_loglevel: "silent" }, ["list", "--json"], false],
  ["npx", { npm_lifecycle_event: "npx", npm_execpath: script.npm_execpath }, ["list", "--json"], false],
  ["another package manager", { ...script, npm_execpath: "/usr/bin/yarn.js" }, ["list", "--json"], false],
  ["no package manager", {}, ["list", "--json"], false],
  ["a command without --json", script, ["list"], false],
  ["a terminal", script, ["list", "--json"], true],
])("nothing is said to %s", { tags: ["bridge.commands"] }, (_who, env, argv, isTerminal) => {
  expect(hintOf(argv, env, isTerminal)).toBeUndefined();
});
