import { describe, expect, it } from "vitest";
import { limits } from "../../../core/limits.ts";
import { createRedact, redactData, secretsOf } from "../../../core/registry/redaction.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";

const environment = (name: string) =>
  ({ TOKEN: "t0ken-of-ada", HOME: "/home/ada", SHORT_KEY: "12345", PLAIN: "sk-abcdef123456", QUOTED_KEY: 'a"b\\c d&e' })[name];

const stdio = (mcp: { env?: Record<string, string>; args?: string[] }): Pick<ServerEntry, "mcp"> => ({
  mcp: { transport: "stdio", command: "x", args: [], env: {}, ...mcp },
});
const http = (url: string, headers: Record<string, string> = {}): Pick<ServerEntry, "mcp"> => ({
  mcp: { transport: "http", url, headers },
});
const namesOf = (entry: Pick<ServerEntry, "mcp">) => secretsOf(entry, environment).map(({ name }) => name);

describe("the secrets of an entry", () => {
  it("are what it refers to under a name of secrets, its own or the variable's", () => {
    expect(namesOf(stdio({ env: { A: "${env:TOKEN}" } }))).toEqual(["TOKEN"]);
    expect(namesOf(stdio({ env: { API_KEY: "${env:HOME}" } }))).toEqual(["HOME"]);
    expect(namesOf(stdio({ args: ["--key=${env:TOKEN}"] }))).toEqual(["TOKEN"]);
    expect(namesOf(http("https://x.example/${env:TOKEN}"))).toEqual(["TOKEN"]);
  });

  it("are all that headers refer to, and values that look like one", () => {
    expect(namesOf(http("https://x.example/", { "X-Account": "${env:HOME}" }))).toEqual(["HOME"]);
    expect(namesOf(stdio({ env: { A: "${env:PLAIN}" } }))).toEqual(["PLAIN"]);
  });

  it("are those that were written out too, without their scheme", () => {
    const [secret] = secretsOf(http("https://x.example/", { Authorization: "Bearer literally-this" }), environment);

    expect(secret).toEqual({ name: "Authorization", value: "literally-this" });
  });

  it("are not paths, what is not set, or values so short that innocent words hold them", () => {
    expect(namesOf(stdio({ env: { ROOT: "${env:HOME}/x", A: "${env:NOT_SET_TOKEN}", B: "${env:SHORT_KEY}" } }))).toEqual([]);
  });
});

describe("redacting", () => {
  const redact = createRedact([
    { name: "TOKEN", value: "t0ken-of-ada" },
    { name: "LONGER", value: "t0ken-of-ada-and-more" },
    { name: "QUOTED_KEY", value: 'a"b\\c d&e' },
  ]);
  if (redact === undefined) throw new Error("there is something to redact");

  it("puts the name where the value stood, the longer of two that begin alike first", () => {
    expect(redact("1 t0ken-of-ada 2 t0ken-of-ada-and-more 3")).toBe("1 [secret TOKEN] 2 [secret LONGER] 3");
  });

  it("finds a value as JSON and URLs write it", () => {
    expect(redact(JSON.stringify({ a: 'a"b\\c d&e' }))).toBe('{"a":"[secret QUOTED_KEY]"}');
    expect(redact(`https://x.example/?k=${encodeURIComponent('a"b\\c d&e')}`)).toBe("https://x.example/?k=[secret QUOTED_KEY]");
  });

  it("finds a value in the names of fields, at any depth", () => {
    expect(redactData({ "t0ken-of-ada": { "x-t0ken-of-ada": 1 } }, redact)).toEqual({
      "[secret TOKEN]": { "x-[secret TOKEN]": 1 },
    });
    let deep: object = { "t0ken-of-ada": "t0ken-of-ada" };
    for (let level = 0; level < limits.answerDepthMax; level += 1) deep = [deep];
    expect(JSON.stringify(redactData(deep, redact))).not.toContain("t0ken");
  });

  it("leaves data without a secret the very object it was", () => {
    const data = { a: [1, "b"] };

    expect(redactData(data, redact)).toBe(data);
  });

  it("changes strings at any depth and keeps numbers that read like a secret", { tags: ["secrets"] }, () => {
    const digits = createRedact([{ name: "PIN_KEY", value: "12345678" }]);
    if (digits === undefined) throw new Error("there is something to redact");

    expect(redactData({ a: [{ b: "pin 12345678" }], n: 12345678 }, digits)).toEqual({
      a: [{ b: "pin [secret PIN_KEY]" }],
      n: 12345678,
    });
  });

  it("is not done where there is no secret", () => {
    expect(createRedact([])).toBeUndefined();
  });

  it("finds secrets in data of any depth", () => {
    const redact = createRedact([{ name: "TOKEN", value: "t0ken-of-ada" }]);
    const levels = 200_000;
    const data: unknown = JSON.parse(`${"[".repeat(levels)}"t0ken-of-ada"${"]".repeat(levels)}`);
    let inner: unknown = redact && redactData(data, redact);
    while (Array.isArray(inner)) [inner] = inner;

    expect(inner).toBe("[secret TOKEN]");
  });
});
