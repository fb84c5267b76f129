import { z } from "zod";
import type { FilePiece } from "../../../core/files/file-store.ts";
import type { sessionAt } from "../access/session-address.ts";
import { privateHeaders } from "../page.ts";

type Session = ReturnType<typeof sessionAt>;

export const KeptKind = z.enum(["value", "result", "file"]);

/** A value, a result or a file of a session as a download; undefined when it is not there any more. */
export async function keptDownload(
  session: Session,
  { kind, name }: { kind: string; name: string },
): Promise<Response | undefined> {
  const wanted = KeptKind.safeParse(kind).data;
  if (wanted === undefined) return undefined;
  if (wanted === "file") {
    const first = await session.desk().readFile(name, 0);
    const fileName = name.split("/").at(-1) ?? name;
    return first && download(bytesOf(session, { path: name, first }), { type: "application/octet-stream", name: fileName });
  }
  const json = await session.desk().readKept(wanted, name);
  return json === undefined ? undefined : download(json, { type: "application/json", name: `${name.slice(0, 80)}.json` });
}

/** The bytes of a file, piece by piece. It breaks off when the file is replaced meanwhile. */
function bytesOf(session: Session, { path, first }: { path: string; first: FilePiece }): ReadableStream<Uint8Array> {
  const { version, total } = first;
  let next: FilePiece | undefined = first;
  let from = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece: FilePiece | undefined = next ?? (await session.desk().readFile(path, from));
      next = undefined;
      if (piece?.version !== version || piece.total !== total) throw new Error("the file was changed while it was read");
      if (piece.bytes > 0) controller.enqueue(Uint8Array.fromBase64(piece.base64));
      from += piece.bytes;
      if (from >= total) controller.close();
      else if (piece.bytes === 0) throw new Error("the file has no further piece");
    },
  });
}

/** It may be anything that a server answered or a program wrote: never a page of this origin. */
export function download(body: BodyInit, { type, name }: { type: string; name: string }): Response {
  return new Response(body, {
    headers: {
      ...privateHeaders,
      "Content-Type": type,
      "Content-Disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_").slice(0, 100)}"`,
      "Content-Security-Policy": "default-src 'none'; sandbox",
      "X-Content-Type-Options": "nosniff",
    },
  });
}
