/** @jsxImportSource hono/jsx */
import { z } from "zod";
import { outcomeOfCall, programOf } from "../../../core/discovery/direct-call.ts";
import { readArguments } from "../../../core/discovery/read-arguments.ts";
import type { ToolForm } from "../../../core/discovery/tool-form.ts";
import type { JsonValue } from "../../../core/json.ts";
import { fieldName } from "../../console/argument-input.tsx";
import type { PlayView } from "../../console/play-page.tsx";
import type { TriedTool } from "../../console/tool-form.tsx";
import { ToolsPage, type ToolsView } from "../../console/tools-page.tsx";
import { sessionAt } from "../access/session-address.ts";
import { Described, everyServer } from "./console-described.ts";
import { type ConsoleRoutes, linesIn, show, textIn } from "./console-page.ts";
import { emptyView, showPlay } from "./console-play-form.tsx";
import { runToStop } from "./console-runner.ts";

type Session = ReturnType<typeof sessionAt>;

/** Tools: found, declared and tried. */
export function addToolRoutes(pages: ConsoleRoutes): void {
  pages.get("/console/tools", "mcp:read", async (c, { viewer, address }) => {
    const { query = "", server, tool } = c.req.query();
    const session = sessionAt(c.env, address);
    const view = await toolsView(session, { query, server, tool });
    const form =
      viewer.mayRun && server !== undefined && tool !== undefined ? await formOf(session, { server, tool }) : undefined;
    return show(<ToolsPage view={{ ...view, tried: form && { form, typed: new Map(), problems: new Map() } }} viewer={viewer} />);
  });

  pages.post("/console/tools/try", "mcp:execute", async (c, { viewer, address, form }) => {
    const { server = "", tool = "" } = c.req.query();
    const session = sessionAt(c.env, address);
    const fields = await formOf(session, { server, tool });
    const view = await toolsView(session, { query: "", server, tool });
    // It is gone meanwhile, which the page says.
    if (fields === undefined) return show(<ToolsPage view={view} viewer={viewer} />);
    const tried = triedIn(form, fields);
    if (textIn(form, "do") === "open") return showPlay(programFor(fields, tried.args), viewer);
    const isRight = tried.problems.size === 0;
    const input = programOf({ server, tool, args: tried.args });
    const reply = isRight ? await runToStop(c, session, { ok: true, input }) : undefined;
    const called = reply?.kind === "ended" ? { ...reply, outcome: outcomeOfCall(reply.outcome) } : reply;
    return show(<ToolsPage view={{ ...view, tried: { ...tried, reply: called } }} viewer={viewer} />);
  });
}

async function formOf(session: Session, { server, tool }: { server: string; tool: string }): Promise<ToolForm | undefined> {
  const form = await session.desk().toolForm(server, tool);
  return "fields" in form ? form : undefined;
}

function triedIn(form: FormData, fields: ToolForm): TriedTool & { args: Record<string, JsonValue> } {
  const typed = (name: string) => linesIn(form, fieldName(name));
  const names = [...fields.fields.map(({ name }) => name), ""];
  return {
    form: fields,
    typed: new Map(names.map((name) => [name, typed(name)])),
    ...readArguments(fields, { typed, more: typed("") }),
  };
}

/** The call as a program. */
function programFor({ server, identifier }: ToolForm, args: Record<string, JsonValue>): PlayView {
  const source = `import * as server from ${JSON.stringify(`mcp-clients/${server}`)};\n\nreturn await server.${identifier}(${JSON.stringify(args, null, 2)});\n`;
  return { ...emptyView, files: [{ path: "main.ts", source }], allowed: server };
}

const Declared = z.object({ declaration: z.string().optional(), errors: Described.shape.errors });

/** What the tools' page shows: found tools, one server's, and one tool's declaration. */
async function toolsView(
  session: Session,
  { query, server, tool }: { query: string; server: string | undefined; tool: string | undefined },
): Promise<ToolsView> {
  const view: ToolsView = { query };
  if (query !== "") {
    const listing = await session.listCapabilities({ query });
    if ("servers" in listing) view.found = listing;
  }
  if (server === undefined && query === "") {
    const every = await session.listCapabilities(everyServer);
    if ("servers" in every) view.servers = every.servers.map(({ id, title }) => ({ id, title }));
  }
  if (server === undefined) return view;
  if (tool !== undefined) {
    const schema = Declared.parse(await session.describe({ id: server, detail: "schema", tools: [tool] }));
    view.declaration = { tool: `${server}.${tool}`, text: schema.declaration ?? textOf(schema) };
    return view;
  }
  const described = Described.parse(await session.describe({ id: server }));
  const problem = described.errors && textOf(described);
  return { ...view, server: { id: server, title: described.title ?? server, tools: described.tools ?? [], problem } };
}

function textOf({ errors = [] }: Pick<z.infer<typeof Described>, "errors">): string {
  return errors.map(({ message }) => message).join(" ");
}
