import { html, raw } from "hono/html";

export interface Page {
  status: number;
  title: string;
  /** What happened and what to do next. May quote untrusted text: all of it is escaped. */
  text: string;
}

interface FormPage {
  status: number;
  title: string;
  body: ReturnType<typeof html>;
  headers?: Record<string, string>;
}

/** A plain page for a person in a browser. It runs no script. */
export function renderPage({ status, title, text }: Page): Promise<Response> {
  return renderForm({ status, title, body: html`<p>${text}</p>` });
}

/** Such a page with more in it than a text, such as a form that is sent to this origin. */
export async function renderForm({ status, title, body: content, headers = {} }: FormPage): Promise<Response> {
  const nonce = crypto.randomUUID();
  const body = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style nonce="${nonce}">${pageStyle}</style>
<h1>${title}</h1>
${content}
</html>
`;
  return new Response(String(body), {
    status,
    headers: {
      ...headers,
      ...privateHeaders,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      "X-Content-Type-Options": "nosniff",
    },
  });
}

export const pageStyle = raw(
  `:root { color-scheme: light dark; accent-color: light-dark(#0b5cad, #7cb7ff) }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { line-height: 1.2 }
a { color: light-dark(#0b5cad, #7cb7ff) }
pre { white-space: pre-wrap }
input, button { font: inherit; padding: 0.3rem 0.8rem; max-width: 100% }`,
);

/** The page's address is a secret: the response is not cached, and the address is not sent on as the Referer. */
export const privateHeaders = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };

/** Back to a page after a form has changed something. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { Location: location } });
}
