import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { SentFrame } from "../../core/tunnel/frames.ts";
import { orchestratorTools } from "../../faces/tools.ts";
import { callGreet, dial, greet, type Request, textResult } from "./dial.ts";

/* The entrypoint that other Workers bind, through the very functions that an agent uses. */

const service = (props?: object) => (props === undefined ? exports.Orchestrator : exports.Orchestrator({ props }));

function toolsOf(name: string, props?: object) {
  const [list, describe, execute] = orchestratorTools(service(props).session(name));
  if (!list || !describe || !execute) throw new Error("there are three tools");
  return { list, describe, execute };
}

/** A bridge whose server greets; `call` decides otherwise. */
async function dialGreeter(
  session: string,
  call: (request: Request) => SentFrame | undefined = (request) => textResult(request.id, "Hello Ada"),
) {
  const cancelled = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  const bridge = await dial(session, (request): SentFrame | undefined => {
    if (request.type === "list_tools") return { type: "result", id: request.id, value: [greet] };
    if (request.type === "cancel") cancelled.resolve();
    if (request.type === "call_tool") called.resolve();
    return request.type === "call_tool" || request.type === "elicit_answer" ? call(request) : undefined;
  });
  return { ...bridge, cancelled: cancelled.promise, called: called.promise };
}

test("another Worker lists, describes and executes, servers behind a bridge included", { tags: ["face.service"] }, async () => {
  const session = crypto.randomUUID();
  await dialGreeter(session);
  const { list, describe, execute } = toolsOf(session);
  expect(await list.run({ query: "time" })).toMatchObject({
    servers: expect.arrayContaining([expect.objectContaining({ id: "time" })]),
  });
  expect(await describe.run({ id: "time" })).toMatchObject({ tools: [{ name: "greet" }] });
  const told: unknown[] = [];
  const code = `import { progress } from "runtime"; progress(1, 2); console.log("a line"); ${callGreet}`;
  expect(await execute.run({ code }, { onProgress: (progress) => void told.push(progress) })).toMatchObject({
    ok: true,
    result: "Hello Ada",
  });
  expect(told).toEqual(expect.arrayContaining([expect.objectContaining({ progress: 1, total: 2 }), { message: "a line" }]));
  expect(await execute.run({ code: "return await time.great({});" })).toMatchObject({
    ok: false,
    errors: [{ code: "tool_unknown" }],
  });
});

test("an abort cancels the program and its call at the server", { tags: ["face.service", "cancel.client"] }, async () => {
  const session = crypto.randomUUID();
  const bridge = await dialGreeter(session, () => undefined);
  const abort = new AbortController();
  const running = toolsOf(session).execute.run({ code: callGreet }, { signal: abort.signal });
  await bridge.called;
  abort.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  await bridge.cancelled;
});

test("a person is asked through the calling Worker", { tags: ["face.service", "questions.asked"] }, async () => {
  const session = crypto.randomUUID();
  const requestedSchema = { type: "object" as const, properties: { name: { type: "string" } } };
  const elicitation = { mode: "form" as const, message: "Greet whom?", requestedSchema };
  await dialGreeter(session, (request) =>
    request.type === "elicit_answer"
      ? textResult(request.id, request.answer.action)
      : { type: "elicit", id: request.id, question: "q", elicitation, isCertain: true },
  );
  const asked: string[] = [];
  const onElicit = async ({ message }: { message: string }) => {
    asked.push(message);
    return { action: "decline" as const };
  };
  expect(await toolsOf(session).execute.run({ code: callGreet }, { onElicit })).toMatchObject({ ok: true, result: "decline" });
  expect(asked).toEqual(["time asks (greet): Greet whom?"]);
});

test("an image of a result arrives as one, and not as text", { tags: ["face.service", "face.images"] }, async () => {
  const image = { mimeType: "image/png", data: "iVBORw0KGgo=" };
  const code = `return { type: "image", ...${JSON.stringify(image)} };`;
  const shown: object[] = [];
  const { execute } = toolsOf(crypto.randomUUID());
  const answer = await execute.run({ code }, { onImages: (images) => void shown.push(...images) });
  expect([answer, shown]).toMatchObject([{ ok: true, result: { type: "image", bytes: 8 } }, [image]]);
  expect(JSON.stringify(await execute.run({ code }))).not.toContain(image.data);
});

test("sessions are those of the binding's principal, whatever an agent is called", { tags: ["face.service"] }, async () => {
  const name = crypto.randomUUID();
  const set = (value: number) => `import { session } from "runtime"; await session.set("value", ${value}); return "set";`;
  const get = `import { session } from "runtime"; return await session.get("value") ?? null;`;
  expect(await toolsOf(name, { principal: "support" }).execute.run({ code: set(1) })).toMatchObject({ ok: true });
  expect(await toolsOf(name, { principal: "support" }).execute.run({ code: get })).toMatchObject({ result: 1 });
  expect(await toolsOf(name).execute.run({ code: get })).toMatchObject({ result: null });
  // The owner's are the sessions of /mcp.
  const handle = await env.SESSIONS.getByName(`owner/${name}`).listCapabilities({});
  expect(handle).toMatchObject({ total: expect.any(Number) });
  const odd = `owner/${name}`;
  expect(await toolsOf(odd).execute.run({ code: set(2) })).toMatchObject({ ok: true });
  expect(await toolsOf(name).execute.run({ code: get })).toMatchObject({ result: null });
  expect(await toolsOf(odd).execute.run({ code: get })).toMatchObject({ result: 2 });
});

test("what cannot be passed on is refused as an answer", { tags: ["face.service"] }, async () => {
  let args: unknown = 1;
  for (let depth = 0; depth < 1_000; depth++) args = [args];
  expect(await toolsOf("deep").execute.run({ code: "return 1;", args })).toMatchObject({
    ok: false,
    errors: [{ code: "invalid_input" }],
  });
  await expect(Promise.resolve(service({ principal: "a/b" }).session("other"))).rejects.toThrow("a principal is");
});
