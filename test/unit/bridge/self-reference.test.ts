import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { selfReferenceIn } from "../../../bridge/registry/self-reference.ts";
import { FileEntry } from "../../../core/registry/registry.ts";
import { projectRoot } from "../../support/project-root.ts";

const self = { projectRoot, url: "http://127.0.0.1:8787" };
const why = (mcp: object) => selfReferenceIn(FileEntry.parse({ id: "a", title: "a", summary: "a", mcp }), self);
const stdio = (command: string, args: string[] = [], cwd?: string) =>
  why({ transport: "stdio", command, args, ...(cwd === undefined ? {} : { cwd }) });

describe("the orchestrator itself", () => {
  test.each([
    ["mcp-bridge", ["start", "--url", "http://127.0.0.1:8787"]],
    ["npx", ["mcp-bridge", "local"]],
    ["C:/tools/mcp-bridge.cmd", []],
    ["node", ["bridge/main.mjs", "local"]],
    ["node", [join(projectRoot, "bridge/main.mjs")]],
    ["npm", ["start"]],
    ["npm", ["run", "bridge", "--", "start"]],
    ["npx", ["-y", "mcp-remote", "http://localhost:8787/mcp"]],
  ])("is recognised in an entry that starts %s %j", { tags: ["bridge.itself"] }, (command, args) => {
    expect(stdio(command, args)).toBeDefined();
  });

  test.each(["http://127.0.0.1:8787/mcp", "http://localhost:8787/mcp/", "http://[::1]:8787/s/team/mcp"])(
    "is recognised in an entry with the url %s",
    (url) => {
      expect(why({ transport: "http", url })).toBe(`${url} is this orchestrator's own address`);
    },
  );
});

describe("another server", () => {
  test.each([
    ["time-mcp", []],
    ["npx", ["-y", "mcp-bridge-tools"]],
    ["node", ["other/cli.ts"]],
    ["npx", ["mcp-remote", "http://localhost:9999/mcp"]],
  ])("is not taken for the orchestrator when its entry starts %s %j", (command, args) => {
    expect(stdio(command, args)).toBeUndefined();
  });

  test("is not taken for the orchestrator when npm starts it in another folder", () => {
    expect(stdio("npm", ["start"], "/elsewhere")).toBeUndefined();
  });

  test.each(["http://127.0.0.1:8788/mcp", "http://127.0.0.1:8787/other", "https://example.com/mcp", "http://${env:HOST}/mcp"])(
    "is not taken for the orchestrator when its url is %s",
    (url) => {
      expect(why({ transport: "http", url })).toBeUndefined();
    },
  );
});
