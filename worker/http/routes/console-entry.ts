import type { Context, Next } from "hono";
import type { Env } from "../env.ts";

/**
 * The console: a module of its own, which is loaded when somebody asks for one of its pages. Whoever never does, as most clients of MCP, does not wait
 * for it at the Worker's start. Nothing here decides who may see a page: worker/http/routes/console-page.ts does, for each of them.
 */
export async function serveConsole(c: Context<{ Bindings: Env }>, next: Next): Promise<Response | void> {
  const { pages } = await import("./console.tsx");
  return (await pages.answer(c)) ?? next();
}
