import { z } from "zod";
import { limits } from "../../core/limits.ts";

/** A message as far as the endpoint must know it before the SDK reads it. */
export interface Opening {
  /** Undefined when the body is too long to be one of the messages that matter here. */
  method: string | undefined;
  /** Of `notifications/cancelled`: the request that is to end. */
  cancels: RequestId | undefined;
}

export type RequestId = string | number;

const Message = z.looseObject({
  method: z.string(),
  params: z
    .looseObject({ requestId: z.union([z.string(), z.number()]).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/**
 * Reads the method of a request. MCP 2026-07-28 names it in a header, which the SDK compares with the body. In 2025-11-25 the body
 * has to be read, if it is short enough to be a handshake or a notification.
 */
export async function readOpening(request: Request): Promise<Opening> {
  const named = request.headers.get("Mcp-Method");
  if (named !== null) return { method: named, cancels: undefined };
  const bytes = Number(request.headers.get("Content-Length") ?? Number.NaN);
  if (request.method !== "POST" || !(bytes <= limits.openingBytesMax)) return unread;
  const message = Message.safeParse(parse(await request.clone().text())).data;
  if (message === undefined) return unread;
  const cancels = message.method === "notifications/cancelled" ? message.params?.requestId : undefined;
  return { method: message.method, cancels };
}

const unread: Opening = { method: undefined, cancels: undefined };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The SDK answers what is not JSON.
    return undefined;
  }
}
