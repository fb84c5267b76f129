import { z } from "zod";

/** A message as far as the endpoint must know it before the SDK reads it. */
export interface Opening {
  /** Undefined when the body is no single message. */
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

/** MCP 2026-07-28 names the method of a request in a header, which the SDK compares with the body. In 2025-11-25 only the body has it. */
export function openingOf(request: Request, body: unknown): Opening {
  const named = request.headers.get("Mcp-Method");
  if (named !== null) return { method: named, cancels: undefined };
  const message = Message.safeParse(body).data;
  if (message === undefined) return { method: undefined, cancels: undefined };
  const cancels = message.method === "notifications/cancelled" ? message.params?.requestId : undefined;
  return { method: message.method, cancels };
}
