import { limits } from "../../../core/limits.ts";
import type { Fetch } from "../../../core/remote/fetch.ts";
import { loginLimits } from "./login-limits.ts";

/** A fetch for authorization servers, which are not trusted: bounds the time and the size of a response. */
export function boundedFetch(fetch: Fetch): Fetch {
  return async (url, init = {}) => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(limits.loginRequestMs) });
    const text = await readAtMost(response, loginLimits.loginAnswerBytesMax);
    const { status, statusText, headers } = response;
    const hasNoBody = status === 204 || status === 205 || status === 304;
    return new Response(hasNoBody ? null : text, { status, statusText, headers: headersOfDecoded(headers) });
  };
}

async function readAtMost({ body }: Response, bytesMax: number): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Error(`an authorization server answered more than ${bytesMax} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The body was decompressed and read, so the headers about its encoding no longer apply. */
function headersOfDecoded(from: Headers): Headers {
  const headers = new Headers(from);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return headers;
}
