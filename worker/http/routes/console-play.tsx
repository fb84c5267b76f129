/** @jsxImportSource hono/jsx */
import { ReplyPage } from "../../console/reply.tsx";
import { originOf } from "../access/origin.ts";
import { sessionAt } from "../access/session-address.ts";
import { completions } from "./console-described.ts";
import { type ConsoleRoutes, show, textIn } from "./console-page.ts";
import { emptyView, filesAfter, inputOf, playForm, showPlay } from "./console-play-form.tsx";
import { type Asked, runToStop, tellLive, wantsLines } from "./console-runner.ts";
import { keepProgram } from "./console-saved.tsx";

/** The playground: a program is written, checked, run, and kept as a tool. */
export function addPlayRoutes(pages: ConsoleRoutes): void {
  pages.get("/console/play", "mcp:execute", async (_c, { viewer }) => showPlay(emptyView, viewer));

  pages.post("/console/play", "mcp:execute", async (c, { viewer, address, form }) => {
    const view = playForm(form);
    const session = sessionAt(c.env, address);
    const what = textIn(form, "do");
    if (wantsLines(c)) {
      const asked = inputOf(view);
      if (what === "check") return Response.json({ errors: asked.ok ? await session.desk().check(asked.input) : asked.errors });
      return tellLive(c, { run: (follow) => runToStop(c, session, asked, follow), viewer });
    }
    if (what === "run") return showPlay({ ...view, reply: await runToStop(c, session, inputOf(view)) }, viewer);
    if (what === "keep") return showPlay(await keepProgram(session, view), viewer);
    return showPlay({ ...view, files: filesAfter(view.files, what) }, viewer);
  });

  pages.get("/console/play/completions", "mcp:execute", async (c, { address }) =>
    Response.json(await completions(sessionAt(c.env, address), originOf(c))),
  );

  // A run that waited for a person goes on, or waits still.
  pages.post("/console/resume", "mcp:execute", async (c, { viewer, address, form }) => {
    const asked: Asked = { ok: true, input: { resume: textIn(form, "token") } };
    const reply = await runToStop(c, sessionAt(c.env, address), asked);
    return show(<ReplyPage of={reply} viewer={viewer} />);
  });
}
