import { isLoopback } from "../../../core/loopback.ts";

/*
 * What counts as this machine. On Cloudflare the caller's address is always a public one, so that nothing here is ever true of a
 * deployed Worker, whatever a caller sends.
 */

/** Whether the request comes from this machine itself and no proxy brought it: loopback Host, and a loopback caller where known. */
export function isFromThisMachine(request: Request): boolean {
  if (isForwarded(request)) return false;
  const caller = callerOf(request);
  return isLoopback(new URL(request.url).hostname) && (caller === undefined || isLoopback(caller));
}

/**
 * Whether the request crossed a network without encryption, so that others may have read its token. What a proxy has brought did, unless
 * the proxy says that it ended the encryption.
 */
export function isInTheClear(request: Request): boolean {
  const { protocol, hostname } = new URL(request.url);
  if (protocol === "https:") return false;
  if (isForwarded(request)) return originalProtocol(request) !== "https";
  return !isLoopback(callerOf(request) ?? hostname);
}

/** In which protocol the first proxy was called, as X-Forwarded-Proto or RFC 7239 has it. */
function originalProtocol({ headers }: Request): string | undefined {
  const forwarded = headers.get("Forwarded")?.split(",")[0];
  const named = headers.get("X-Forwarded-Proto")?.split(",")[0] ?? /(?:^|;)\s*proto="?(\w+)/i.exec(forwarded ?? "")?.[1];
  return named?.trim().toLowerCase();
}

/** The caller's address. Undefined where the runtime knows none: there the Worker listens on loopback only. */
export function callerOf(request: Request): string | undefined {
  return request.headers.get("CF-Connecting-IP") ?? undefined;
}

function isForwarded({ headers }: Request): boolean {
  const names = [...headers.keys()];
  return names.some((name) => name === "forwarded" || name === "via" || name === "x-real-ip" || name.startsWith("x-forwarded-"));
}
