/** @jsxImportSource hono/jsx */
import { nameSecrets } from "../../../core/registry/entry-secrets.ts";
import type { ChangeAnswer, RegistryChange, RegistryDesk, ViewedEntry } from "../../../core/registry/registry-change.ts";
import { trailOf } from "../../bindings.ts";
import { ChangedPage, ImportPage, NotChangedPage, RemovePage } from "../../console/registry-change-page.tsx";
import type { ServerDetailsView } from "../../console/server-details.tsx";
import { emptyFields } from "../../console/server-fields.ts";
import { ServerFormPage, type ServerFormView } from "../../console/server-form-page.tsx";
import { ServersPage } from "../../console/servers-page.tsx";
import { originOf } from "../access/origin.ts";
import { sessionAt } from "../access/session-address.ts";
import { note } from "../access-records.ts";
import { renderPage } from "../page.ts";
import { everyServer } from "./console-described.ts";
import { type C, type ConsoleRoutes, show, textIn, type Visit } from "./console-page.ts";
import { entriesIn, formOf, nameOf, readForm, seenIn } from "./console-server-form.ts";
import { registryDeskOf } from "./registry-desk.ts";

/** The servers' page, and what changes the registry. */
export function addServerRoutes(pages: ConsoleRoutes): void {
  pages.get("/", "mcp:read", async (c, visit) => {
    const { viewer, address } = visit;
    const listing = await sessionAt(c.env, address).listCapabilities(everyServer, { origin: originOf(c) });
    if (!("servers" in listing)) return renderPage({ status: 500, title: "The servers cannot be listed", text: "" });
    const desk = viewer.mayAdminister ? deskOf(c, visit) : undefined;
    const registry = await desk?.view();
    const open = listing.servers.find(({ id }) => id === c.req.query("open"));
    const details = open === undefined ? undefined : await detailsOf(c, visit, open.id);
    return show(<ServersPage view={{ listing, registry, whyNot: desk?.whyNot, details }} viewer={viewer} />);
  });

  pages.get("/console/servers/new", "mcp:admin", async (c, visit) => {
    const { viewer } = visit;
    const { file } = await deskOf(c, visit).view();
    const form: ServerFormView["form"] =
      c.req.query("as") === "json" ? { kind: "json", json: jsonExample } : { kind: "fields", fields: emptyFields };
    return show(<ServerFormPage view={{ form, problems: [], variables: [], file, isSent: false }} viewer={viewer} />);
  });

  pages.get("/console/servers/edit", "mcp:admin", async (c, visit) => {
    const { viewer } = visit;
    const found = await entryAt(c, visit);
    if (found === undefined) return renderPage(noEntry);
    const { file, entry } = found;
    const edited = { at: entry.at, was: JSON.stringify(entry.entry) };
    const form = formOf(entry.entry, c.req.query("as"));
    return show(
      <ServerFormPage view={{ edited, form, problems: entry.problems, variables: [], file, isSent: false }} viewer={viewer} />,
    );
  });

  pages.post("/console/servers/save", "mcp:admin", save);

  pages.post("/console/servers/switch", "mcp:admin", async (c, visit) => {
    const isOn = visit.form.get("on") === "yes";
    const seen = seenIn(visit.form);
    return change(c, visit, { kind: "switch", isOn, ...seen }, `${nameOf(seen.was)} was switched ${isOn ? "on" : "off"}`);
  });

  pages.get("/console/servers/remove", "mcp:admin", async (c, visit) => {
    const { viewer } = visit;
    const found = await entryAt(c, visit);
    return found === undefined ? renderPage(noEntry) : show(<RemovePage {...found} viewer={viewer} />);
  });

  pages.post("/console/servers/remove", "mcp:admin", async (c, visit) => {
    const seen = seenIn(visit.form);
    return change(c, visit, { kind: "remove", ...seen }, `${nameOf(seen.was)} was removed`);
  });

  pages.get("/console/servers/import", "mcp:admin", async (c, visit) => {
    const { viewer } = visit;
    const desk = deskOf(c, visit);
    const { file } = await desk.view();
    return show(<ImportPage view={{ file, canRead: desk.readImport !== undefined }} viewer={viewer} />);
  });

  pages.post("/console/servers/import", "mcp:admin", async (c, visit) => {
    const { viewer, form } = visit;
    const desk = deskOf(c, visit);
    const { file } = await desk.view();
    const answer = await desk.readImport?.(textIn(form, "text"));
    return show(<ImportPage view={{ file, canRead: desk.readImport !== undefined, answer }} viewer={viewer} />);
  });
}

async function save(c: C, visit: Visit & { form: FormData }): Promise<Response> {
  const { viewer, form } = visit;
  const desk = deskOf(c, visit);
  const edited = form.has("at") ? seenIn(form) : undefined;
  const as = form.get("as") === "json" ? "json" : "fields";
  const again = async (view: Omit<ServerFormView, "edited" | "file" | "isSent">, seen = edited) =>
    show(<ServerFormPage view={{ edited: seen, file: (await desk.view()).file, isSent: true, ...view }} viewer={viewer} />);

  const read = readForm(form, as);
  if (read.kind === "wrong") return again({ form: read.form, problems: [read.problem], variables: [] });
  const entries = edited === undefined ? entriesIn(read.value) : [read.value];
  const answer = await desk.change(
    edited === undefined ? { kind: "add", entries } : { kind: "edit", ...edited, entry: read.value },
  );
  if (answer.kind === "changed") {
    const did = edited === undefined ? "was added" : "was changed";
    return changed(c, visit, answer, `${entries.map((entry) => nameOf(JSON.stringify(entry))).join(", ")} ${did}`);
  }
  if (answer.kind === "refused") {
    const hidden = entries.map((entry) => nameSecrets(entry, []));
    const sent = formOf(hidden.length === 1 ? hidden[0] : hidden, as);
    return again({ form: sent, problems: [{ path: "", message: answer.message }], variables: [] });
  }
  const { entries: hidden, variables } = answer;
  const view = { form: formOf(hidden.length === 1 ? hidden[0] : hidden, as), variables };
  if (answer.kind === "invalid") return again({ ...view, problems: answer.problems });
  const { current } = answer;
  const seen = current && { at: current.at, was: JSON.stringify(current.entry) };
  return again({ ...view, problems: [], conflict: { current } }, seen);
}

/** A change without a form of its own. */
async function change(c: C, visit: Visit, wanted: RegistryChange, did: string): Promise<Response> {
  const { viewer } = visit;
  const answer = await deskOf(c, visit).change(wanted);
  switch (answer.kind) {
    case "changed":
      return changed(c, visit, answer, did);
    case "invalid":
      return show(<NotChangedPage text="Edit it first:" problems={answer.problems} viewer={viewer} />);
    case "conflict":
      return show(
        <NotChangedPage text="It is not what you have seen any more. Look at it again." problems={[]} viewer={viewer} />,
      );
    case "refused":
      return show(<NotChangedPage text={answer.message} problems={[]} viewer={viewer} />);
  }
}

type Changed = Extract<ChangeAnswer, { kind: "changed" }>;

async function changed(c: C, { viewer, address }: Visit, answer: Changed, did: string): Promise<Response> {
  const { principal } = address;
  if (answer.isWritten)
    await note(c, "records", { action: "administration", what: "registry_changed", outcome: "succeeded", principal });
  return show(<ChangedPage answer={answer} did={did} viewer={viewer} />);
}

function deskOf(c: C, { address }: Visit): RegistryDesk {
  return registryDeskOf(c.env, address.principal);
}

async function detailsOf(c: C, { address }: Visit, id: string): Promise<ServerDetailsView> {
  const session = sessionAt(c.env, address);
  await session.sendAudit();
  const today = await trailOf(c.env).serverToday({ principal: address.principal, server: id });
  const output = await session.desk().serverOutput(id);
  if (output === "away") return { id, today };
  if (output === "unsaid") return { id, today, unknown: "Its bridge does not say when it started and what it has printed." };
  const { startedAt: at, ...printed } = output;
  return { id, today, start: { at, printed } };
}

async function entryAt(c: C, visit: Visit): Promise<{ file: string; entry: ViewedEntry } | undefined> {
  const { file, entries } = await deskOf(c, visit).view();
  const entry = entries.find(({ at }) => String(at) === c.req.query("at"));
  return entry && { file, entry };
}

const noEntry = { status: 404, title: "No such server", text: "The registry has changed. Open the page of the servers again." };

const jsonExample = JSON.stringify(
  { id: "", title: "", summary: "", mcp: { transport: "stdio", command: "", args: [] } },
  null,
  2,
);
