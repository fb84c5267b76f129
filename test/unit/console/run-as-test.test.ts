import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { runAsTest } from "../../../worker/console/run-as-test.ts";

const run = { run: "run_1", origin: "http://127.0.0.1:8787", session: "default" };

/** Runs the body of a test with what the orchestrator answers. */
async function passes(text: string, answer: object): Promise<boolean> {
  const { default: assert } = await import("node:assert/strict");
  const body = stripTypeScriptTypes(text).replace(/^import .*$/gm, "");
  const asked: unknown[] = [];
  const remote = (options: unknown) => ({ call: async (...args: unknown[]) => asked.push(options, ...args) && answer });
  let tested: Promise<void> | undefined;
  const test = (_name: string, use: () => Promise<void>) => {
    tested = use();
  };
  new Function("assert", "test", "remote", "process", body)(assert, test, remote, { env: { AUTH_TOKEN: "t" } });
  return await (tested ?? Promise.reject(new Error("no test"))).then(
    () => true,
    () => false,
  );
}

const hostile = { code: '`${x}` */ "); process.exit(1) //\u2028</textarea>', args: JSON.parse('{"__proto__":{"a":1}}') };

test("the same result passes, another one does not, whatever the program's text", async () => {
  const result = JSON.parse('{"text":"`${1}`\\n","__proto__":{"deep":[1,null]}}');
  const text = runAsTest({ ...run, input: hostile, outcome: { ok: true, result } });
  expect(await passes(text, { ok: true, result })).toBe(true);
  expect(await passes(text, { ok: true, result: { ...result, more: 1 } })).toBe(false);
  expect(await passes(text, { ok: false, errors: [{ code: "type_error" }] })).toBe(false);
});

test("the same error passes, success does not", async () => {
  const text = runAsTest({ ...run, input: hostile, outcome: { ok: false, errors: [{ code: "type_error" }] } });
  expect(await passes(text, { ok: false, errors: [{ code: "type_error", message: "other words" }] })).toBe(true);
  expect(await passes(text, { ok: true, result: 1 })).toBe(false);
});

test("a preview is not compared, and a session is named", async () => {
  const text = runAsTest({ ...run, session: "work", input: { code: "" }, outcome: { ok: true, result: [1], handle: "r_1" } });
  expect(await passes(text, { ok: true, result: [2], handle: "r_2" })).toBe(true);
  expect(text).toContain('session: "work"');
});
