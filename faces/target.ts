import type { RunProgress } from "../core/calls/progress.ts";
import type { FaceToolName } from "../core/discovery/tool-definitions.ts";
import type { Elicitation, ElicitationAnswer } from "../core/mcp/elicitation.ts";

/** Where the three tools run: an orchestrator at an address, one on this machine, or a session behind a service binding. */
export interface Target {
  /**
   * Resolves with the tool's answer, failures of programs and wrong inputs included. Images of its result are in `images`.
   *
   * @throws the signal's reason when it is aborted: the run and its calls are then cancelled
   */
  call(tool: FaceToolName, input: Record<string, unknown>, options: CallOptions): Promise<Answer>;
  /** Releases connections and processes. Processes end with this one in any case. */
  close(): Promise<void>;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Called while a program runs: for what it reports with `progress`, and for each line that it prints. */
  onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Answers what a server asks a person during a call. Without it the server is told that nobody can be asked. */
  onElicit?: ((question: Elicitation) => Promise<ElicitationAnswer>) | undefined;
  /** Called with the images of the result, which the answer only names. Without it the answer says that they are not shown. */
  onImages?: ((images: Image[]) => void) | undefined;
}

/** An image as a model can see it: PNG, JPEG, GIF or WebP, as base64. */
export interface Image {
  mimeType: string;
  data: string;
}

/** One compact JSON object. What failed has `ok: false` and `errors`, which the model reads. */
export type Answer = Record<string, unknown>;
