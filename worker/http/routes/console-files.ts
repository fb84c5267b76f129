import type { Env } from "../env.ts";

const types: Readonly<Record<string, string>> = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** A script or the style of the console. Nothing else of the static files is served. */
export async function fileOf(env: Env, file: string): Promise<Response> {
  const type = /^[\w-]+\.(js|css)$/.test(file) ? types[file.split(".").at(-1) ?? ""] : undefined;
  const found = type === undefined ? undefined : await env.ASSETS.fetch(`https://assets/console/${file}`);
  if (type === undefined || found === undefined || !found.ok) return new Response("There is no such file.", { status: 404 });
  return new Response(found.body, {
    headers: { "Content-Type": type, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff" },
  });
}
