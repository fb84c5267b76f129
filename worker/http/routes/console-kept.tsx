/** @jsxImportSource hono/jsx */
import { z } from "zod";
import { Shown } from "../../../core/saved/inputs.ts";
import { KeptPage } from "../../console/kept-page.tsx";
import { sessionAt } from "../access/session-address.ts";
import { renderPage, seeOther } from "../page.ts";
import { type ConsoleRoutes, show } from "./console-page.ts";
import { read } from "./console-saved.tsx";
import { KeptKind, keptDownload } from "./kept-download.ts";

/** What a session keeps for later runs. */
export function addKeptRoutes(pages: ConsoleRoutes): void {
  pages.get("/console/kept", "mcp:execute", async (c, { viewer, address }) => {
    const desk = sessionAt(c.env, address).desk();
    const tools = read(z.array(Shown), await desk.saved().list());
    const things = await desk.listKept();
    return show(<KeptPage things={things} tools={"value" in tools ? tools.value : undefined} viewer={viewer} />);
  });

  pages.get("/console/kept/read", "mcp:execute", async (c, { address }) => {
    const { kind = "", name = "" } = c.req.query();
    const kept = await keptDownload(sessionAt(c.env, address), { kind, name });
    return kept ?? renderPage({ status: 404, title: "Not there", text: "The session keeps nothing of that name any more." });
  });

  pages.post("/console/kept/delete", "mcp:execute", async (c, { address, form }) => {
    const kind = KeptKind.safeParse(form.get("kind"));
    if (kind.success)
      await sessionAt(c.env, address)
        .desk()
        .removeKept(kind.data, String(form.get("name")));
    return seeOther(`/console/kept${new URL(c.req.url).search}`);
  });
}
