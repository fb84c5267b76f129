import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { serverEntry } from "../support/builders.ts";
import { dial, filed, serveGreet } from "./dial.ts";
import { run } from "./run.ts";

/** A session whose bridge serves one server with these limits. */
async function sessionWith(id: string, limits: object): Promise<string> {
  const session = crypto.randomUUID();
  await dial(session, serveGreet, filed(serverEntry(id, { limits })));
  return session;
}

const calls = (id: string, count: number) =>
  `const said = []; for (let n = 0; n < ${count}; n++) said.push(await ${id}.greet({ name: "Ada" }).then(() => "ok", ({ code, rule, limit, retryAfterMs }) => ({ code, rule, limit, waits: retryAfterMs > 0 }))); return said;`;

describe("the sessions of one principal", () => {
  test("share each server's rate, also after its account was evicted", {
    tags: ["policy.principal", "policy.verdict"],
  }, async () => {
    const id = `s${crypto.randomUUID().replaceAll("-", "")}`;
    const [first, second] = [await sessionWith(id, { callsPerMinute: 4 }), await sessionWith(id, { callsPerMinute: 4 })];
    const refused = { code: "rate_limited", rule: "limits.callsPerMinute", limit: 4, waits: true };
    expect(await run({ code: calls(id, 3) }, { session: first })).toMatchObject({ result: ["ok", "ok", "ok"] });
    await evictDurableObject(env.ACCOUNTS.getByName("owner"));
    expect(await run({ code: calls(id, 2) }, { session: second })).toMatchObject({ result: ["ok", refused] });
    expect(await run({ code: calls(id, 1) }, { session: first })).toMatchObject({ result: [refused] });
  });

  test("share each server's places: a call of one waits for a call of the other", { tags: ["policy.principal"] }, async () => {
    const id = `s${crypto.randomUUID().replaceAll("-", "")}`;
    const answers: (() => void)[] = [];
    const sessions = await Promise.all(
      ["a", "b"].map(async () => {
        const session = crypto.randomUUID();
        const bridge = await dial(
          session,
          (request) => {
            const answer = serveGreet(request);
            if (request.type !== "call_tool" || answer === undefined) return answer;
            answers.push(() => bridge.send(answer));
            return undefined;
          },
          filed(serverEntry(id, { limits: { concurrency: 1 } })),
        );
        return session;
      }),
    );
    const runs = sessions.map((session) => run({ code: `return await ${id}.greet({ name: "Ada" });` }, { session }));
    await expect.poll(() => answers.length).toBe(1);
    answers[0]?.();
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.();
    expect((await Promise.all(runs)).map(({ result }) => result)).toEqual(["Hello Ada", "Hello Ada"]);
  });
});

describe("a refusal", () => {
  test("that a program does not catch says rule and limit in the answer", { tags: ["policy.verdict"] }, async () => {
    const session = await sessionWith("few", { callsPerRun: 2 });
    const outcome = await run({ code: "for (let n = 0; n < 3; n++) await few.greet({ name: '' });" }, { session });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "too_many_calls", rule: "limits.callsPerRun", limit: 2, retryable: false }],
    });
    const unnamed = await run({ code: `import { vault } from "mcp-clients"; return vault;` }, { session });
    expect(unnamed).toMatchObject({ errors: [{ code: "server_unknown" }] });
    const other = await run({ code: `import { few } from "mcp-clients"; return few;`, allowedMcpIds: [] }, { session });
    expect(other).toMatchObject({ errors: [{ code: "server_not_allowed", rule: "allowedMcpIds", limit: "few", line: 1 }] });
  });
});
