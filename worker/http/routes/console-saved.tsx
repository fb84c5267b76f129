/** @jsxImportSource hono/jsx */
import { z } from "zod";
import { toIdentifier } from "../../../core/registry/identifiers.ts";
import { Create, exportOf, Patch, Shown } from "../../../core/saved/inputs.ts";
import type { PlayView } from "../../console/play-page.tsx";
import { SavedPage, type SavedView } from "../../console/saved-page.tsx";
import { sessionAt } from "../access/session-address.ts";
import { renderPage, seeOther } from "../page.ts";
import { type ConsoleRoutes, show, textIn } from "./console-page.ts";
import { emptyView, filesOf, idsIn, sameTwice, sourceOf } from "./console-play-form.tsx";
import { download } from "./kept-download.ts";

type Session = ReturnType<typeof sessionAt>;

/** The saved tools of a session's principal: read, exported and changed. */
export function addSavedRoutes(pages: ConsoleRoutes): void {
  pages.get("/console/saved", "mcp:execute", async (c, { viewer, address }) => {
    const { name = "", revision } = c.req.query();
    const view = await savedView(sessionAt(c.env, address), { name, revision: numberIn(revision) });
    return typeof view === "string" ? refusal(404, view) : show(<SavedPage view={view} viewer={viewer} />);
  });

  pages.get("/console/saved/export", "mcp:execute", async (c, { address }) => {
    const { name } = c.req.query();
    const saved = sessionAt(c.env, address).desk().saved();
    const listed = name === undefined ? read(z.array(Shown), await saved.list()) : { value: [{ name, script: false }] };
    if ("refused" in listed) return refusal(404, listed.refused);
    const names = listed.value.filter((tool) => name !== undefined || !tool.script).map((tool) => tool.name);
    const tools = await Promise.all(names.map(async (one) => read(Shown, await saved.get(one))));
    const missing = tools.find((tool) => "refused" in tool);
    if (name !== undefined && missing) return refusal(404, missing.refused);
    const savedTools = tools.flatMap((tool) => ("value" in tool ? [exportOf(tool.value)] : []));
    const json = `${JSON.stringify({ savedTools }, null, 2)}\n`;
    return download(json, { type: "application/json", name: `${name ?? "saved-tools"}.json` });
  });

  pages.post("/console/saved/change", "mcp:execute", async (c, { viewer, address, form }) => {
    const [name, what] = [textIn(form, "name"), textIn(form, "do")];
    const saved = sessionAt(c.env, address).desk().saved();
    const { search } = new URL(c.req.url);
    if (what === "delete") {
      const removed = read(Shown, await saved.remove(name, viewer.mayAdminister));
      return "refused" in removed ? refusal(409, removed.refused) : seeOther(`/console/kept${search}`);
    }
    const revision = numberIn(textIn(form, "revision")) ?? 0;
    const patch = JSON.stringify({ enabled: what === "enable" });
    const changed = read(Shown, what === "rollback" ? await saved.rollback(name, revision) : await saved.update(name, { patch }));
    if ("refused" in changed) return refusal(409, changed.refused);
    return seeOther(`/console/saved?${new URLSearchParams({ name, ...session(search) })}`);
  });
}

function session(search: string): Record<string, string> {
  const name = new URLSearchParams(search).get("session");
  return name === null ? {} : { session: name };
}

function refusal(status: number, text: string): Promise<Response> {
  return renderPage({ status, title: status === 404 ? "Not there" : "Not changed", text });
}

async function savedView(
  session: Session,
  { name, revision }: { name: string; revision: number | undefined },
): Promise<SavedView | string> {
  const saved = session.desk().saved();
  const [found, history] = [await saved.get(name, revision), await saved.history(name)];
  const tool = read(Shown, found);
  if ("refused" in tool) return tool.refused;
  const lines = read(z.array(Revision), history);
  const revisions = "value" in lines ? lines.value : [];
  return {
    tool: tool.value,
    identifier: toIdentifier(name),
    program: programIn(tool.value),
    revisions,
    current: revisions[0]?.revision ?? tool.value.revision,
  };
}

const Revision = z.object({ revision: z.number(), updatedAt: z.string(), description: z.string(), codeBytes: z.number() });

/** As the playground has it: a file beside the registry is not changed there. */
function programIn(tool: Shown): PlayView {
  const { name, description, revision, script, allowedMcpIds = [], examples = [] } = tool;
  const example = examples.find((one) => typeof one === "object");
  return {
    ...emptyView,
    files: filesOf(tool),
    args: example === undefined ? "" : JSON.stringify(example),
    allowed: allowedMcpIds.join(", "),
    keep: script ? emptyView.keep : { name, description, revision: String(revision) },
  };
}

/** Keeps the playground's program as a tool: as a new one, or as the next revision of the one that was opened. */
export async function keepProgram(session: Session, view: PlayView): Promise<PlayView> {
  const { files, allowed, keep } = view;
  const refused = (text: string): PlayView => ({ ...view, kept: { isRefused: true, text } });
  const problem = sameTwice(files.map(({ path }) => path));
  if (problem !== undefined) return refused(problem);
  const ids = idsIn(allowed);
  const fields = {
    ...sourceOf(files),
    language: /\.[cm]?jsx?$/.test(files[0]?.path ?? "") ? "js" : "ts",
    ...(keep.description === "" ? {} : { description: keep.description }),
  };
  const saved = session.desk().saved();
  const revision = numberIn(keep.revision);
  const input =
    revision === undefined
      ? Create.safeParse({ name: keep.name, ...fields, ...(ids.length === 0 ? {} : { allowedMcpIds: ids }) })
      : Patch.safeParse({ ...fields, allowedMcpIds: ids.length === 0 ? null : ids });
  if (!input.success) return refused(z.prettifyError(input.error));
  const json = JSON.stringify(input.data);
  const reply = read(
    Shown,
    revision === undefined ? await saved.create(json) : await saved.update(keep.name, { patch: json, revision }),
  );
  if ("refused" in reply) return refused(reply.refused);
  const { name, proposed, description } = reply.value;
  const text = `${name} is kept, at revision ${reply.value.revision}${proposed ? ". It waits until a person accepts it" : ""}.`;
  return { ...view, keep: { name, description, revision: String(reply.value.revision) }, kept: { isRefused: false, text } };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** An answer of worker/objects/saved-desk.ts. */
export function read<T>(schema: z.ZodType<T>, json: string): { value: T } | { refused: string } {
  return z.union([z.object({ refused: z.string() }), z.object({ value: schema })]).parse(JSON.parse(json));
}
