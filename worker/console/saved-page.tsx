/** @jsxImportSource hono/jsx */
import type { Shown } from "../../core/saved/inputs.ts";
import { SavedStatus } from "./kept-page.tsx";
import { OpenInPlayground, type PlayView } from "./play-page.tsx";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";
import { Sources } from "./sources.tsx";
import { Table } from "./table.tsx";

export interface SavedView {
  tool: Shown;
  /** Its name as a tool of the server `saved`. */
  identifier: string;
  /** As the playground opens it. */
  program: PlayView;
  revisions: readonly { revision: number; updatedAt: string; description: string; codeBytes: number }[];
  /** The newest; `tool` may be an earlier one. */
  current: number;
}

/** One saved tool: its source, its history, and what a person may do with it. */
export function SavedPage({ view, viewer }: { view: SavedView; viewer: Viewer }) {
  const { tool, identifier, program, current } = view;
  const isCurrent = tool.revision === current;
  return (
    <Shell title="Saved tool" viewer={viewer}>
      <h2>
        <code>{tool.name}</code>
        {isCurrent ? "" : `, revision ${tool.revision}`}
      </h2>
      <p>{tool.description}</p>
      {isCurrent ? <SavedStatus tool={tool} /> : null}
      <ul class="actions">
        <li>
          <a href={`${inSession("/console/tools", viewer, { server: "saved", tool: identifier })}#try`}>Try it</a>
        </li>
        <li>
          <a href={inSession("/console/saved/export", viewer, { name: tool.name })} download>
            Export
          </a>
        </li>
        <li>
          <OpenInPlayground view={program} viewer={viewer} />
        </li>
        {tool.proposed && viewer.mayAdminister ? (
          <li>
            <a href={`/proposals/${encodeURIComponent(tool.name)}`}>Accept or reject it</a>
          </li>
        ) : null}
        {tool.script ? null : <Actions view={view} viewer={viewer} />}
      </ul>
      <section>
        <h2>Source</h2>
        <Sources files={program.files} />
      </section>
      <History view={view} viewer={viewer} />
    </Shell>
  );
}

function Actions({ view: { tool, current }, viewer }: { view: SavedView; viewer: Viewer }) {
  const actions = [
    tool.enabled ? { value: "disable", label: "Disable" } : { value: "enable", label: "Enable" },
    ...(tool.revision === current ? [] : [{ value: "rollback", label: `Go back to revision ${tool.revision}` }]),
    { value: "delete", label: "Delete with its history" },
  ];
  return actions.map(({ value, label }) => (
    <li>
      <form method="post" action={inSession("/console/saved/change", viewer)}>
        <FormToken viewer={viewer} />
        <input type="hidden" name="name" value={tool.name} />
        <input type="hidden" name="revision" value={String(tool.revision)} />
        <button type="submit" name="do" value={value}>
          {label}
        </button>
      </form>
    </li>
  ));
}

function History({ view: { tool, revisions, current }, viewer }: { view: SavedView; viewer: Viewer }) {
  return (
    <section>
      <h2>History</h2>
      <Table caption="Its revisions, newest first" columns={["Revision", "Kept", "What it does", "Bytes"]}>
        {revisions.map(({ revision, updatedAt, description, codeBytes }) => (
          <tr>
            <th scope="row">
              <a
                href={inSession("/console/saved", viewer, {
                  name: tool.name,
                  ...(revision === current ? {} : { revision: String(revision) }),
                })}
                aria-current={revision === tool.revision ? "true" : undefined}
              >
                {revision}
              </a>
            </th>
            <td>
              <time datetime={updatedAt}>{updatedAt.slice(0, 19).replace("T", " ")}</time>
            </td>
            <td>{description}</td>
            <td>{codeBytes.toLocaleString("en")}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
