import { createServer } from "node:http";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { type Model, type ModelRequest, Usage } from "@openai/agents";
import type { AnyTextAdapter } from "@tanstack/ai";
import { MockLanguageModelV4 } from "ai/test";
import { FakeToolCallingModel } from "langchain";
import OpenAI from "openai";
import * as aiSdk from "../../examples/ai-sdk/agent.ts";
import * as langchain from "../../examples/langchain/agent.ts";
import * as openaiAgents from "../../examples/openai-agents/agent.ts";
import * as openaiResponses from "../../examples/openai-responses/agent.ts";
import * as tanstack from "../../examples/tanstack-ai/agent.ts";
import type { Target } from "../../faces/target.ts";

/** What a scripted model calls, one call in each of its turns. Afterwards it says "done". */
export interface ScriptedCall {
  name: string;
  input: object;
}

/** Resolves with what the model was given as the results of its calls, and with the agent's last word. */
export type DriveAgent = (target: Target, script: readonly ScriptedCall[], abort?: AbortController) => Promise<Driven>;

interface Driven {
  read: unknown[];
  said: string;
  /** The base64 of the images among them. */
  images: string[];
}

/** Each example in examples/, run by its framework, with a model that follows a script in place of a real one. */
export const agents: Readonly<Record<string, DriveAgent>> = {
  "ai-sdk": driveAiSdk,
  "openai-responses": driveOpenAiResponses,
  "openai-agents": driveOpenAiAgents,
  langchain: driveLangChain,
  "tanstack-ai": driveTanStack,
};

const question = "Do what the script says.";

/** What the model of any framework reads in the outputs of its tools: text, alone or beside images. */
function readIn(outputs: readonly unknown[]): Pick<Driven, "read" | "images"> {
  const texts = outputs
    .map((output) => (Array.isArray(output) ? output[0] : output))
    .map((part) => {
      const { text = part, content = text, value = content } = Object(part);
      return typeof value === "string" ? JSON.parse(value) : value;
    });
  const shown = outputs.flatMap((output) => (Array.isArray(output) ? output.slice(1) : []));
  // The frameworks differ in where they have the base64, and whether it is a data URL.
  const images = shown.flatMap((image) => /iVBORw0KGgo[\w+/=]*/.exec(JSON.stringify(image)) ?? []);
  return { read: texts, images };
}

async function driveAiSdk(target: Target, script: readonly ScriptedCall[], abort?: AbortController) {
  let turn = 0;
  let outputs: unknown[] = [];
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  const model = new MockLanguageModelV4({
    async doGenerate({ prompt }) {
      const parts = prompt.flatMap(({ role, content }) => (role === "tool" ? content : []));
      outputs = parts.flatMap((part) => (part.type === "tool-result" && "value" in part.output ? [part.output.value] : []));
      const call = script[turn++];
      if (call === undefined) {
        return { content: [{ type: "text", text: "done" }], finishReason: { unified: "stop", raw: "stop" }, usage, warnings: [] };
      }
      const { name: toolName, input } = call;
      return {
        content: [{ type: "tool-call", toolCallId: `call_${turn}`, toolName, input: JSON.stringify(input) }],
        finishReason: { unified: "tool-calls", raw: "tool_calls" },
        usage,
        warnings: [],
      };
    },
  });
  return { said: await aiSdk.answer(question, { target, model, signal: abort?.signal }), ...readIn(outputs) };
}

/** The real client, whose API answers on loopback. */
async function driveOpenAiResponses(target: Target, script: readonly ScriptedCall[], abort?: AbortController) {
  let turn = 0;
  const outputs: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { input } = JSON.parse(body) as { input: string | { output: unknown }[] };
    if (typeof input !== "string") outputs.push(...input.map(({ output }) => output));
    const call = script[turn++];
    const output =
      call === undefined
        ? {
            type: "message",
            id: "m",
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text: "done", annotations: [] }],
          }
        : {
            type: "function_call",
            id: `f${turn}`,
            call_id: `call_${turn}`,
            name: call.name,
            arguments: JSON.stringify(call.input),
          };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ id: `r${turn}`, object: "response", output: [output] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    return { said: await openaiResponses.answer(question, { target, client, signal: abort?.signal }), ...readIn(outputs) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function driveOpenAiAgents(target: Target, script: readonly ScriptedCall[], abort?: AbortController) {
  let turn = 0;
  let outputs: unknown[] = [];
  const model: Model = {
    async getResponse({ input }: ModelRequest) {
      const items = typeof input === "string" ? [] : input;
      outputs = items.flatMap((item) => (item.type === "function_call_result" ? [item.output] : []));
      const call = script[turn++];
      const usage = new Usage();
      if (call === undefined) {
        return {
          usage,
          output: [{ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "done" }] }],
        };
      }
      return {
        usage,
        output: [
          {
            type: "function_call",
            callId: `call_${turn}`,
            name: call.name,
            arguments: JSON.stringify(call.input),
            status: "completed",
          },
        ],
      };
    },
    getStreamedResponse() {
      throw new Error("the example does not stream");
    },
  };
  return { said: await openaiAgents.answer(question, { target, model, signal: abort?.signal }), ...readIn(outputs) };
}

async function driveLangChain(target: Target, script: readonly ScriptedCall[], abort?: AbortController) {
  let outputs: unknown[] = [];
  class Scripted extends FakeToolCallingModel {
    override async _generate(messages: BaseMessage[]) {
      outputs = messages.filter((message) => ToolMessage.isInstance(message)).map(({ content }) => content);
      const call = script[outputs.length];
      const message = new AIMessage({
        content: call === undefined ? "done" : "",
        tool_calls: call === undefined ? [] : [{ id: `call_${outputs.length}`, name: call.name, args: { ...call.input } }],
      });
      return { generations: [{ text: message.text, message }] };
    }
    override bindTools() {
      return this;
    }
  }
  return { said: await langchain.answer(question, { target, model: new Scripted(), signal: abort?.signal }), ...readIn(outputs) };
}

async function driveTanStack(target: Target, script: readonly ScriptedCall[], abort?: AbortController) {
  let turn = 0;
  let outputs: unknown[] = [];
  const ids = { threadId: "thread", runId: "run" };
  const adapter = {
    ...{ kind: "text", name: "scripted", model: "scripted" },
    async *chatStream({ messages }: { messages: { role: string; content: unknown }[] }) {
      outputs = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
      yield { type: "RUN_STARTED", ...ids };
      const call = script[turn++];
      if (call === undefined) {
        yield { type: "TEXT_MESSAGE_START", messageId: "m", role: "assistant" };
        yield { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "done" };
        yield { type: "TEXT_MESSAGE_END", messageId: "m" };
        yield { type: "RUN_FINISHED", ...ids, finishReason: "stop" };
        return;
      }
      const toolCallId = `call_${turn}`;
      yield { type: "TOOL_CALL_START", toolCallId, toolCallName: call.name, toolName: call.name };
      yield { type: "TOOL_CALL_ARGS", toolCallId, delta: JSON.stringify(call.input) };
      yield { type: "TOOL_CALL_END", toolCallId };
      yield { type: "RUN_FINISHED", ...ids, finishReason: "tool_calls" };
    },
  };
  // Its generic parameters exist in types alone.
  const said = await tanstack.answer(question, { target, adapter: adapter as object as AnyTextAdapter, abortController: abort });
  return { said, ...readIn(outputs) };
}
