import { limits } from "../../../../core/limits.ts";
import { AddressRefusal, type Fetch, redirectOf } from "../../../../core/remote/fetch.ts";
import { refusalOf } from "./address.ts";

/**
 * fetch, limited to allowed addresses, also for each redirect. With `redirect: "manual"` the caller follows redirects, by calling this
 * again.
 *
 * A redirect to another origin is followed only for GET and HEAD, without body and headers except Accept.
 *
 * @throws AddressRefusal
 */
export function createCheckedFetch(options: { mayReachInside: boolean }): Fetch {
  return async (url, init = {}) => {
    let request = { url: new URL(url), init };
    for (let hops = 0; ; hops++) {
      const refusal = refusalOf(request.url, options);
      if (refusal !== undefined) throw new AddressRefusal(refusal);
      const response = await fetch(request.url, { ...request.init, redirect: "manual" });
      const target = init.redirect === "manual" ? undefined : redirectOf(response, request.url);
      if (target === undefined) return response;
      await response.body?.cancel();
      if (hops >= limits.redirectsMax) throw new AddressRefusal(`redirects more than ${limits.redirectsMax} times.`);
      request = { url: target, init: redirected(request, { status: response.status, target }) };
    }
  };
}

/** The request after a redirect (Fetch standard, HTTP-redirect fetch), without what only the first origin may get. */
function redirected(
  { url, init }: { url: URL; init: RequestInit },
  { status, target }: { status: number; target: URL },
): RequestInit {
  const method = (init.method ?? "GET").toUpperCase();
  const isReading = method === "GET" || method === "HEAD";
  const becomesReading = status === 303 || (method === "POST" && (status === 301 || status === 302));
  if (target.origin === url.origin) return isReading || !becomesReading ? init : asReading(init, new Headers(init.headers));
  if (url.protocol === "https:" && target.protocol === "http:")
    throw new AddressRefusal(`redirects from https to plain http, to ${target.host}.`);
  if (!isReading)
    throw new AddressRefusal(
      `redirects a ${method} request for ${url.host} to ${target.host}. If that is intended, use the address of ${target.host} instead.`,
    );
  const accept = new Headers(init.headers).get("accept");
  return asReading(init, new Headers(accept === null ? {} : { accept }));
}

function asReading({ signal = null, method }: RequestInit, headers: Headers): RequestInit {
  headers.delete("content-type");
  headers.delete("content-length");
  return { method: method?.toUpperCase() === "HEAD" ? "HEAD" : "GET", headers, signal };
}
