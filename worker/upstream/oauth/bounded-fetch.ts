import { limits } from "../../../core/limits.ts";
import type { Fetch } from "../remote/transport/checked-fetch.ts";

/** For authorization servers, which are strangers: an answer has its time and its size. */
export function boundedFetch(fetch: Fetch): Fetch {
  return async (url, init = {}) => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(limits.loginRequestMs) });
    const text = await readAtMost(response, limits.loginAnswerBytesMax);
    const { status, statusText, headers } = response;
    const hasNoBody = status === 204 || status === 205 || status === 304;
    return new Response(hasNoBody ? null : text, { status, statusText, headers: decoded(headers) });
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

/** It may have come compressed. */
function decoded(from: Headers): Headers {
  const headers = new Headers(from);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return headers;
}
