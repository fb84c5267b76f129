/** @jsxImportSource hono/jsx */
import type { KeptThing } from "../../core/run/kept-things.ts";
import type { Shown } from "../../core/saved/inputs.ts";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";
import { Table } from "./table.tsx";
import { When } from "./when.tsx";

interface KeptProps {
  things: readonly KeptThing[];
  /** Those of the session's principal; undefined where they are off. */
  tools: readonly Shown[] | undefined;
  viewer: Viewer;
}

/** What a session keeps for later runs, and its principal's saved tools: to be read, downloaded and deleted. */
export function KeptPage({ things, tools = [], viewer }: KeptProps) {
  return (
    <Shell title="Kept" viewer={viewer}>
      {tools.length === 0 ? null : <SavedTools tools={tools} viewer={viewer} />}
      {things.length === 0 ? <Nothing /> : null}
      {kinds.map(({ kind, title, note }) => {
        const some = things.filter((thing) => thing.kind === kind);
        return some.length === 0 ? null : (
          <section>
            <h2>{title}</h2>
            <p class="note">{note}</p>
            <ul class="kept">
              {some.map((thing) => (
                <Thing thing={thing} viewer={viewer} />
              ))}
            </ul>
          </section>
        );
      })}
    </Shell>
  );
}

function Nothing() {
  return (
    <p>
      This session keeps nothing.{" "}
      <span class="note">
        A program keeps a value with session.set(), and a file with files.write(). The playground keeps a program as a tool.
      </span>
    </p>
  );
}

function SavedTools({ tools, viewer }: { tools: readonly Shown[]; viewer: Viewer }) {
  return (
    <section>
      <h2>Saved tools</h2>
      <p class="note">Programs that were kept as tools of the server “saved”, in every session of yours.</p>
      <Table caption={`${tools.length} saved tools`} columns={["Tool", "Status", "What it does", "Revision"]}>
        {tools.map((tool) => (
          <tr>
            <th scope="row">
              <a href={inSession("/console/saved", viewer, { name: tool.name })}>
                <code>{tool.name}</code>
              </a>
            </th>
            <td>
              <SavedStatus tool={tool} />
            </td>
            <td>{tool.description}</td>
            <td>
              {tool.revision} <time datetime={tool.updatedAt}>{tool.updatedAt.slice(0, 16).replace("T", " ")}</time>
            </td>
          </tr>
        ))}
      </Table>
      <p>
        <a href={inSession("/console/saved/export", viewer)} download>
          Export all
        </a>
      </p>
    </section>
  );
}

/** Whether it can be called, and if not, why. */
export function SavedStatus({ tool: { enabled, proposed, stale, warning, script } }: { tool: Shown }) {
  if (proposed) return <span class="status auth_required">▲ proposed: a person has to accept it</span>;
  if (!enabled) return <span class="status">– disabled</span>;
  if (stale !== undefined)
    return (
      <>
        <span class="status failed">✕ stale</span>
        <p>{stale}</p>
      </>
    );
  return (
    <>
      <span class="status ready">{script ? "● ready, a file" : "● ready"}</span>
      {warning === undefined ? null : <p>{warning}</p>}
    </>
  );
}

function Thing({ thing: { kind, name, bytes, keptAt }, viewer }: { thing: KeptThing; viewer: Viewer }) {
  return (
    <li>
      <a href={inSession("/console/kept/read", viewer, { kind, name })}>
        <code>{name}</code>
      </a>{" "}
      {`${bytes.toLocaleString("en")} bytes`}
      {keptAt === undefined ? null : (
        <span class="note">
          {" kept "}
          <When at={keptAt} />
        </span>
      )}
      <form method="post" action={inSession("/console/kept/delete", viewer)}>
        <FormToken viewer={viewer} />
        <input type="hidden" name="kind" value={kind} />
        <input type="hidden" name="name" value={name} />
        <button type="submit" aria-label={`Delete ${name}`}>
          Delete
        </button>
      </form>
    </li>
  );
}

const kinds = [
  { kind: "value", title: "Values", note: "What programs kept with session.set()." },
  { kind: "result", title: "Results", note: "Results that were too large to be shown, for results.get()." },
  { kind: "file", title: "Files", note: "The session's workspace. All of it goes when nobody has used it for a while." },
] as const;
