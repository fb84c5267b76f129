import { systemClock } from "../clock.ts";
import { httpLimits } from "./http-limits.ts";
import { renderPage } from "./page.ts";
import { readBody } from "./read-body.ts";

/** The form that a browser sent, within the bounds of a body; or the page that says why it was not read. */
export async function readForm(request: Request, bytesMax: number = httpLimits.formBytesMax): Promise<FormData | Response> {
  const body = await readBody(request.body, { bytesMax, ms: httpLimits.bodyMs, clock: systemClock });
  if (body.kind === "too_large")
    return renderPage({ status: 413, title: "Too large", text: `It has more than ${bytesMax} bytes.` });
  if (body.kind === "too_slow")
    return renderPage({ status: 408, title: "Too slow", text: "It did not arrive in time. Send it again." });
  try {
    return await new Response(body.text, { headers: { "Content-Type": request.headers.get("Content-Type") ?? "" } }).formData();
  } catch {
    return renderPage({ status: 400, title: "Not understood", text: "That is no form. Open the page again." });
  }
}
