import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { localSecrets } from "../../../bridge/local/local-secrets.ts";
import { readIdentity } from "../../../worker/identity-settings.ts";
import { runBridge } from "../../support/command-line.ts";

/* The list of a deployment, which is a file; that of npm start lies in its state folder and is the same. */

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokens-"));
  path = join(folder, "tokens.json");
});
afterEach(() => rm(folder, { recursive: true }));

const token = (...args: string[]) => runBridge(["token", ...args, "--file", "tokens.json"], { folder });
const kept = async () => JSON.parse(await readFile(path, "utf8"));

describe("token new", () => {
  test("adds an entry that the Worker understands, with the hash of the token that it prints", {
    tags: ["access.named"],
  }, async () => {
    const { code, out, err } = await token("new", "anna", "--scopes", "mcp:read,mcp:bridge", "--until", "2027-01-31");
    expect(code).toBe(0);
    const [, made = ""] = /^The token of anna, shown only now: ([\w-]{43})$/m.exec(err) ?? [];
    const sha256 = createHash("sha256").update(made).digest("hex");
    expect(JSON.parse(out)).toEqual({ name: "anna", sha256, scopes: ["mcp:read", "mcp:bridge"], until: "2027-01-31" });
    expect(await kept()).toEqual([JSON.parse(out)]);
    expect(await readFile(path, "utf8")).not.toContain(made);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(err).toContain("npx wrangler secret put AUTH_TOKENS --env production < tokens.json");

    const { namedTokens, problems } = readIdentity({ AUTH_TOKENS: await readFile(path, "utf8") });
    expect([namedTokens.length, problems]).toEqual([1, []]);
  });

  test("refuses a name that the list has, and dates that do not exist", async () => {
    await token("new", "anna");
    expect(await token("new", "anna")).toMatchObject({ code: 1, err: expect.stringContaining("token revoke anna") });
    expect(await token("new", "ben", "--until", "2027-02-30")).toMatchObject({ code: 2 });
    expect(await token("new", "a b")).toMatchObject({ code: 2 });
    expect(await kept()).toHaveLength(1);
  });

  test("does not overwrite a file that is no list of tokens", async () => {
    for (const text of ["{}", "not JSON", '[{"name":"anna"}]']) {
      await writeFile(path, text);
      expect(await token("new", "anna")).toMatchObject({ code: 1, err: expect.stringContaining("is not a list of tokens") });
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });
});

test("token list shows names, scopes and what has expired, and never a hash in the table", {
  tags: ["access.named"],
}, async () => {
  expect(await token("list")).toMatchObject({ code: 0, out: "NAME  SCOPES  UNTIL\n" });
  await token("new", "anna", "--until", "2001-01-01");
  await token("new", "ben", "--scopes", "mcp:read");
  const { out } = await token("list");
  expect(out).toBe("NAME  SCOPES       UNTIL\nanna  mcp:execute  2001-01-01 (expired)\nben   mcp:read\n");
  expect(JSON.parse((await token("list", "--json")).out)).toEqual(await kept());
});

test("token revoke removes one entry, and names the one that is meant", { tags: ["access.named"] }, async () => {
  await token("new", "anna");
  await token("new", "ben");
  expect(await token("revoke", "ana")).toMatchObject({ code: 1, err: expect.stringContaining("Closest: anna.") });
  expect(await token("revoke", "anna")).toMatchObject({ code: 0, err: expect.stringContaining("wrangler secret put") });
  expect(await kept()).toEqual([expect.objectContaining({ name: "ben" })]);
  expect(await token("revoke")).toMatchObject({ code: 2 });
});

describe("npm start", () => {
  const secretsWith = async (more: string, isOpen = false) => {
    const file = join(folder, "dev.vars");
    await writeFile(file, more);
    const { secrets } = await localSecrets({ folder, secretFiles: [file], authToken: undefined, isOpen });
    return secrets.get("AUTH_TOKENS");
  };

  test("takes its list beside the AUTH_TOKENS of the user", { tags: ["access.named"] }, async () => {
    expect(await secretsWith("")).toBeUndefined();
    await token("new", "anna");
    const [anna] = await kept();
    expect(JSON.parse((await secretsWith("")) ?? "")).toEqual([anna]);
    const ben = { ...anna, name: "ben" };
    expect(JSON.parse((await secretsWith(`AUTH_TOKENS='${JSON.stringify([ben])}'`)) ?? "")).toEqual([ben, anna]);
    expect(await secretsWith("AUTH_TOKENS=broken")).toBe("broken");
    expect(await secretsWith("", true)).toBeUndefined();
  });
});
