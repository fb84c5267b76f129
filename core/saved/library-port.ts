import { z } from "zod";
import { RevisionLine, SavedContent, SavedSummary, SavedTool, Snapshot } from "./definition.ts";
import { type Library, SavedRefusal } from "./library.ts";

/** The library of the session's principal, wherever it is. Changes reject with SavedRefusal. */
export interface LibraryPort {
  since(version: number | undefined): Promise<Snapshot | undefined>;
  get(name: string, revision?: number): Promise<SavedTool | undefined>;
  create(content: SavedContent): Promise<SavedTool>;
  replace(content: SavedContent, ifRevision: number): Promise<SavedTool>;
  remove(name: string, ifRevision?: number, only?: "proposals"): Promise<SavedSummary>;
  history(name: string): Promise<RevisionLine[]>;
  accept(name: string, ifRevision: number): Promise<SavedTool>;
  reject(name: string, ifRevision: number): Promise<SavedTool | undefined>;
}

const Request = z.discriminatedUnion("op", [
  z.object({ op: z.literal("since"), version: z.number().optional() }),
  z.object({ op: z.literal("get"), name: z.string(), revision: z.number().optional() }),
  z.object({ op: z.literal("create"), content: SavedContent }),
  z.object({ op: z.literal("replace"), content: SavedContent, ifRevision: z.number() }),
  z.object({
    op: z.literal("remove"),
    name: z.string(),
    ifRevision: z.number().optional(),
    only: z.literal("proposals").optional(),
  }),
  z.object({ op: z.literal("history"), name: z.string() }),
  z.object({ op: z.literal("accept"), name: z.string(), ifRevision: z.number() }),
  z.object({ op: z.literal("reject"), name: z.string(), ifRevision: z.number() }),
]);
type Request = z.infer<typeof Request>;

const Reply = z.union([
  z.object({ refused: z.string(), kind: z.enum(["conflict", "refused"]) }),
  z.object({ value: z.unknown().optional() }),
]);

/** Answers one request to a library, both as JSON text: requests cross from the session's object to the library's. */
export function answerLibrary(library: Library, requestJson: string): string {
  try {
    return JSON.stringify({ value: answer(library, Request.parse(JSON.parse(requestJson))) });
  } catch (error) {
    if (!(error instanceof SavedRefusal)) throw error;
    return JSON.stringify({ refused: error.message, kind: error.kind });
  }
}

function answer(library: Library, request: Request): unknown {
  switch (request.op) {
    case "since":
      return library.since(request.version);
    case "get":
      return library.get(request.name, request.revision);
    case "create":
      return library.create(request.content);
    case "replace":
      return library.replace(request.content, request.ifRevision);
    case "remove":
      return library.remove(request.name, request.ifRevision, request.only);
    case "history":
      return library.history(request.name);
    case "accept":
      return library.accept(request.name, request.ifRevision);
    case "reject":
      return library.reject(request.name, request.ifRevision);
  }
}

/** @param send carries a request to `answerLibrary` and returns its reply */
export function libraryOver(send: (requestJson: string) => Promise<string>): LibraryPort {
  const ask = async (request: Request): Promise<unknown> => {
    const reply = Reply.parse(JSON.parse(await send(JSON.stringify(request))));
    if ("refused" in reply) throw new SavedRefusal(reply.refused, reply.kind);
    return reply.value;
  };
  return {
    since: async (version) => Snapshot.optional().parse(await ask({ op: "since", version })),
    get: async (name, revision) => SavedTool.optional().parse(await ask({ op: "get", name, revision })),
    create: async (content) => SavedTool.parse(await ask({ op: "create", content })),
    replace: async (content, ifRevision) => SavedTool.parse(await ask({ op: "replace", content, ifRevision })),
    remove: async (name, ifRevision, only) => SavedSummary.parse(await ask({ op: "remove", name, ifRevision, only })),
    accept: async (name, ifRevision) => SavedTool.parse(await ask({ op: "accept", name, ifRevision })),
    reject: async (name, ifRevision) => SavedTool.optional().parse(await ask({ op: "reject", name, ifRevision })),
    history: async (name) => z.array(RevisionLine).parse(await ask({ op: "history", name })),
  };
}
