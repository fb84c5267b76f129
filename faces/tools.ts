import { toolDefinitions } from "../core/discovery/tool-definitions.ts";
import { failureAnswer } from "./failure.ts";
import { withoutImages } from "./images.ts";
import { type SessionStub, sessionTarget } from "./session-target.ts";
import type { Answer, CallOptions, Target } from "./target.ts";

/** One of the three tools, as every framework can use it. */
export interface OrchestratorTool {
  name: string;
  description: string;
  /** JSON Schema. The orchestrator checks inputs itself, and its errors are written for models: pass them on unchecked. */
  inputSchema: { type: "object"; [key: string]: unknown };
  /**
   * Resolves with one JSON object. A failure that a model can act on is an answer with `ok: false`.
   *
   * @throws the signal's reason when it is aborted, and nothing else
   */
  run(input: unknown, options?: CallOptions): Promise<Answer>;
}

/** The three tools of an orchestrator: `remote(…)`, `local(…)`, or a session of a Worker's service binding. */
export function orchestratorTools(target: Target | SessionStub): OrchestratorTool[] {
  const called = isTarget(target) ? target : sessionTarget(target);
  return toolDefinitions.map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
    run: async (input, options = {}) => {
      options.signal?.throwIfAborted();
      const given = readObject(input);
      if (given === undefined) return failureAnswer("invalid_input", `The input of ${name} must be a JSON object.`);
      return withoutImages(await called.call(name, given, options), options);
    },
  }));
}

/** An RPC stub has a method of any name, so it is known by its being none of ours. */
export function isTarget(target: Target | SessionStub): target is Target {
  return typeof target === "object" && "close" in target && Object.hasOwn(target, "call");
}

/** No input at all is an empty one; some frameworks pass on the model's JSON as text. */
function readObject(input: unknown): Record<string, unknown> | undefined {
  if (input === undefined || input === null || input === "") return {};
  if (typeof input === "string") return readObject(parsed(input));
  if (typeof input !== "object" || Array.isArray(input)) return undefined;
  // Models give null for what they leave out.
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== undefined));
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" || value === null ? [] : value;
  } catch {
    // Refused like any other input that is no object.
    return [];
  }
}
