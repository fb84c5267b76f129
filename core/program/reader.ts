import { z } from "zod";
import { PublicError } from "../errors.ts";
import type { Tool } from "../mcp/tool.ts";
import type { NamedTool } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { EntrySignature, type SignatureWanted } from "./entry-signature.ts";

/** A program and everything that is known of the servers that it may use. All of it is plain data. */
export interface ReadRequest {
  entry: string;
  /** The text of each file by its path. */
  sources: Record<string, string>;
  language: "ts" | "js";
  /** The ids of the servers that this run may use. */
  allowed: string[];
  /** The servers that error messages may name. */
  registered: RegisteredServer[];
  /** The servers whose tools are known, or known not to be listable. */
  listings: KnownServer[];
  /** Which parts of the program's signature are read too. */
  signature?: SignatureWanted;
}

export type RegisteredServer = Pick<ServerEntry, "id" | "visibility" | "sensitivity">;

export interface KnownServer {
  id: string;
  /** Undefined if they could not be listed: then any call of a tool is accepted. */
  tools: NamedTool[] | undefined;
  /** Those that the program's text may mention, whole. */
  mentioned: Tool[];
}

/** The positions of a compiled file. */
export const FilePositions = z.discriminatedUnion("kind", [
  /** The `mappings` of a version 3 source map; see positions.ts. */
  z.object({ kind: z.literal("mapped"), mappings: z.string() }),
  /** The lines are those of the user's file; the columns are not known. */
  z.object({ kind: z.literal("same_lines") }),
]);
export type FilePositions = z.infer<typeof FilePositions>;

const ReadyProgram = z.object({
  kind: z.literal("ready"),
  program: z.object({
    entry: z.string(),
    modules: z.record(z.string(), z.string()),
    links: z.record(z.string(), z.record(z.string(), z.string())),
    isTraceless: z.boolean(),
  }),
  /** The ids of the servers that it uses. */
  servers: z.array(z.string()),
  /** Whether running it can yield a value. */
  hasResult: z.boolean(),
  /** What it declares and never uses, if it has no result. */
  idle: z.string().optional(),
  /** Of the user's files; without those whose positions are not known at all. */
  positions: z.record(z.string(), FilePositions),
  /** False if the type checker failed on it. */
  isChecked: z.boolean(),
  /** If the request asks for it. */
  signature: EntrySignature.optional(),
  /** Set when it was read for an earlier run. */
  isKept: z.literal(true).optional(),
});
export type ReadyProgram = z.infer<typeof ReadyProgram>;

/** What a program is, as far as reading it can tell. */
export const Reading = z.discriminatedUnion("kind", [
  ReadyProgram,
  /**
   * The program uses servers whose listings were not in the request. It can run without the `optional` ones, because it imports
   * all clients at once and may never use them.
   */
  z.object({ kind: z.literal("needs"), servers: z.array(z.string()), optional: z.array(z.string()) }),
  /** It must not run. All problems found, in the order of the files. */
  z.object({ kind: z.literal("refused"), errors: z.array(PublicError) }),
]);
export type Reading = z.infer<typeof Reading>;

/**
 * Reads programs: parses, compiles, links and type-checks them. Some texts take a parser for ever, so this happens where it can be
 * stopped, and never where the session is.
 */
export interface ProgramReader {
  /**
   * @param signal ends only the wait for the program's turn
   * @throws OrchestratorError `syntax_error` and `memory_limit` for a program that takes too long or too much memory to read;
   * `internal` and `server_unavailable` when nothing is there that reads
   */
  read(request: ReadRequest, signal: AbortSignal): Promise<Reading>;
}

/** The program is refused before it runs. */
export class RefusedProgram extends Error {
  override readonly name = "RefusedProgram";
  readonly errors: PublicError[];

  constructor(errors: PublicError[]) {
    super("the program is refused");
    this.errors = errors;
  }
}
