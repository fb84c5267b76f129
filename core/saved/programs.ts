import type { PublicError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { CallingRun, UpstreamCallOptions } from "../mcp/upstream.ts";
import type { EntrySignature, SignatureWanted } from "../program/entry-signature.ts";
import type { SavedSource } from "./definition.ts";
import type { KnownServers, UsedTools } from "./pins.ts";

/** A saved program, as it is read and run. */
export interface SavedProgram {
  name: string;
  source: SavedSource;
  allowedMcpIds: readonly string[] | undefined;
}

/** What a program says of itself, and what it needs, when it was read against today's clients. */
export type ProgramReading =
  | {
      kind: "ready";
      signature: EntrySignature;
      used: readonly UsedTools[];
      /** The servers that it uses and whose tools are not known: any call of them was accepted. */
      unknown: readonly string[];
    }
  | { kind: "refused"; errors: readonly PublicError[] };

/** How a saved program ended. */
export type ProgramEnding =
  /** JSON text of its result; left out if it returned nothing. */
  | { kind: "returned"; json: string | undefined }
  /** It does not fit today's clients. Nothing was called. */
  | { kind: "stale"; errors: readonly PublicError[] }
  | { kind: "failed"; error: PublicError };

export interface ProgramCall {
  args: Readonly<Record<string, JsonValue>>;
  timeoutMs: number;
  caller: CallingRun;
  options: UpstreamCallOptions;
}

export interface ReadOptions {
  /** False: a server whose tools are not known is not asked for them; any call of it is accepted. */
  connects?: boolean;
}

/** Reads and runs saved programs in the session, each by itself. */
export interface Programs extends KnownServers {
  /** @throws OrchestratorError when nothing can be said of it: a server that it uses cannot be listed, nobody reads */
  read(program: SavedProgram, signature: SignatureWanted, options?: ReadOptions): Promise<ProgramReading>;
  /** Never rejects. */
  run(program: SavedProgram, call: ProgramCall): Promise<ProgramEnding>;
}
