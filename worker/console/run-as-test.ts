interface RunAsTest {
  run: string;
  /** As it came in to execute_mcp_code. */
  input: object;
  outcome: {
    ok?: boolean | undefined;
    result?: unknown;
    handle?: string | undefined;
    errors?: { code?: string | undefined }[] | undefined;
  };
  /** Of this orchestrator. */
  origin: string;
  session: string;
}

/**
 * A test for Node that runs the program of a run again and expects the same of it: its result, or the codes of its errors. A result that
 * was too large to be answered as a whole is not compared.
 */
export function runAsTest({ run, input, outcome, origin, session }: RunAsTest): string {
  const at = session === "default" ? "" : `, session: ${JSON.stringify(session)}`;
  return `import assert from "node:assert/strict";
import test from "node:test";
import { remote } from "mcp-dynamic-orchestrator";

test("the same as ${run}", async () => {
  const orchestrator = remote({ url: ${JSON.stringify(origin)}, token: process.env.AUTH_TOKEN${at} });
  const input = ${indented(input)};
  const outcome = await orchestrator.call("execute_mcp_code", input, {});
  ${expectation(outcome)}
});
`;
}

function expectation({ ok, result, handle, errors = [] }: RunAsTest["outcome"]): string {
  if (ok !== true) {
    const codes = errors.map(({ code }) => code);
    return `assert.deepEqual(outcome.errors?.map(({ code }) => code), ${JSON.stringify(codes)});`;
  }
  const isOk = "assert.equal(outcome.ok, true, JSON.stringify(outcome.errors));";
  if (handle !== undefined || result === undefined) return isOk;
  return `${isOk}\n  assert.deepEqual(outcome.result, ${indented(result)});`;
}

/** JSON as a literal in the body of a function. A computed name, because the plain one would set the prototype. */
function indented(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
  return text.replace(/^(\s*)"__proto__":/gm, '$1["__proto__"]:');
}
