import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

/** A Messages API on loopback with a scripted model: it calls one tool once and then says that it is done. */
export interface ScriptedModel extends AsyncDisposable {
  url: string;
  /** The tool results that the model received. */
  results: string[];
}

const ToolResult = z.looseObject({ type: z.literal("tool_result"), content: z.unknown() });
const Request = z.looseObject({
  model: z.string(),
  tools: z.array(z.looseObject({ name: z.string().optional() })).default([]),
  messages: z.array(z.looseObject({ content: z.union([z.string(), z.array(z.unknown())]) })),
});

export async function startScriptedModel(tool: { name: string; input: object }): Promise<ScriptedModel> {
  const results: string[] = [];
  const server = createServer(async (request, response) => {
    const isMessage = request.method === "POST" && /^\/v1\/messages(\?|$)/.test(request.url ?? "");
    if (!isMessage) return response.writeHead(404).end("{}");
    const { model, tools, messages } = Request.parse(JSON.parse(await textOf(request)));
    const last = messages.at(-1)?.content ?? [];
    const result = Array.isArray(last)
      ? last.map((block) => ToolResult.safeParse(block)).find(({ success }) => success)
      : undefined;
    if (result?.data) results.push(JSON.stringify(result.data.content));
    const isCalled = result === undefined && tools.some(({ name }) => name === tool.name);
    return isCalled ? sayCall(response, model, tool) : sayDone(response, model);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    results,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

function sayCall(response: ServerResponse, model: string, { name, input }: { name: string; input: object }): void {
  say(response, model, {
    block: { type: "tool_use", id: "toolu_1", name, input: {} },
    delta: { type: "input_json_delta", partial_json: JSON.stringify(input) },
    reason: "tool_use",
  });
}

function sayDone(response: ServerResponse, model: string): void {
  say(response, model, {
    block: { type: "text", text: "" },
    delta: { type: "text_delta", text: "done" },
    reason: "end_turn",
  });
}

/** Sends one response as a stream of events. */
function say(response: ServerResponse, model: string, said: { block: object; delta: object; reason: string }): void {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model, content: [], stop_reason: null, usage };
  const events = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: said.block },
    { type: "content_block_delta", index: 0, delta: said.delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: said.reason, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}
