import { html, raw } from "hono/html";

export interface Page {
  status: number;
  title: string;
  /** What happened and what to do next. May quote untrusted text: all of it is escaped. */
  text: string;
}

/** A plain page for a person in a browser. It runs no script. */
export async function renderPage({ status, title, text }: Page): Promise<Response> {
  const nonce = crypto.randomUUID();
  const body = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style nonce="${nonce}">${pageStyle}</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
  return new Response(String(body), {
    status,
    headers: {
      ...privateHeaders,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "X-Content-Type-Options": "nosniff",
    },
  });
}

export const pageStyle = raw(
  "body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem; overflow-wrap: anywhere }",
);

/** The page's address is a secret: the response is not cached, and the address is not sent on as the Referer. */
export const privateHeaders = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };
