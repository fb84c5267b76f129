/** @jsxImportSource hono/jsx */
import type { ListedServer, Listing } from "../../core/discovery/list.ts";
import { builtInIds } from "../../core/registry/registry.ts";
import type { RegistryView, ViewedEntry } from "../../core/registry/registry-change.ts";
import { Problems } from "./problems.tsx";
import { Seen } from "./registry-change-page.tsx";
import { ServerDetails, type ServerDetailsView } from "./server-details.tsx";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";
import { Table } from "./table.tsx";

export interface ServersView {
  listing: Listing;
  /** For whoever may see it. */
  registry?: RegistryView | undefined;
  /** Why they may not change it. */
  whyNot?: string | undefined;
  /** Of the row that is open. */
  details?: ServerDetailsView | undefined;
}

/** The servers of a session: which are up, why one is not, where to log in, and what the registry says of them. */
export function ServersPage({ view: { listing, registry, whyNot, details }, viewer }: { view: ServersView; viewer: Viewer }) {
  const listed = new Set(listing.servers.map(({ id }) => id));
  const entries = new Map((registry?.entries ?? []).map((entry) => [entry.id, entry]));
  const others = (registry?.entries ?? []).filter(({ id }) => !listed.has(id));
  const opened = (id: string) => (details?.id === id ? <ServerDetails view={details} entry={entries.get(id)} /> : null);
  return (
    <Shell title="Servers" viewer={viewer}>
      {listing.message === undefined ? null : <p role="status">{listing.message}</p>}
      {registry === undefined ? null : <Actions registry={registry} whyNot={whyNot} viewer={viewer} />}
      {listing.servers.length + others.length === 0 && whyNot === undefined && registry !== undefined ? (
        <p>
          A server is added with its command or its address. What Claude, VS Code, Cursor, Codex and other clients have is
          imported from their configuration, as it is.
        </p>
      ) : null}
      {listing.servers.length + others.length === 0 ? null : (
        <Table
          class="servers"
          caption={`${listing.total} servers of the session ${viewer.session}`}
          columns={["Server", "Status", "Tools", "What it is for"]}
        >
          {listing.servers.map((server) => (
            <>
              <Row
                server={server}
                entry={entries.get(server.id)}
                isElsewhere={registry !== undefined && !entries.has(server.id) && !isBuiltInId(server.id)}
                isOpen={details?.id === server.id}
                mayChange={whyNot === undefined}
                viewer={viewer}
              />
              {opened(server.id)}
            </>
          ))}
          {others.map((entry) => (
            <UnlistedRow entry={entry} mayChange={whyNot === undefined} viewer={viewer} />
          ))}
        </Table>
      )}
    </Shell>
  );
}

type ActionsProps = { registry: RegistryView; whyNot: string | undefined; viewer: Viewer };

function Actions({ registry: { file, problems }, whyNot, viewer }: ActionsProps) {
  return (
    <>
      <p class="actions">
        {whyNot === undefined ? (
          <>
            <a class="button" href={inSession("/console/servers/new", viewer)}>
              Add a server
            </a>
            <a class="button" href={inSession("/console/servers/import", viewer)}>
              Import servers
            </a>
          </>
        ) : null}
        <span class="note">
          {"Registry: "}
          <code>{file}</code>
          {whyNot === undefined ? null : `. ${whyNot}`}
        </span>
      </p>
      <Problems of={problems} />
    </>
  );
}

interface RowProps {
  server: ListedServer;
  entry: ViewedEntry | undefined;
  /** The registry does not have it: it is in the file of a bridge. */
  isElsewhere: boolean;
  isOpen: boolean;
  mayChange: boolean;
  viewer: Viewer;
}

function Row({ server, entry, isElsewhere, isOpen, mayChange, viewer }: RowProps) {
  const { id, title, summary, status, reason, url, toolCount, visibility, sensitivity } = server;
  return (
    <tr id={`server-${id}`}>
      <th scope="row">
        <a href={inSession("/console/tools", viewer, { server: id })}>{title}</a>
        <br />
        <code>{id}</code>
        <br />
        <a
          class="note"
          href={`${inSession("/", viewer, isOpen ? {} : { open: id })}#server-${id}`}
          aria-expanded={isOpen ? "true" : "false"}
          aria-label={`Details of ${id}`}
        >
          {isOpen ? "▾ Details" : "▸ Details"}
        </a>
      </th>
      <td>
        <span class={`status ${status}`}>{words[status]}</span>
        {reason === undefined ? null : <p class="lines">{reason}</p>}
        {url === undefined ? null : (
          <p>
            <a class="button" href={url} rel="noreferrer">
              Log in
            </a>
          </p>
        )}
      </td>
      <td>{toolCount ?? "not known yet"}</td>
      <td>
        {summary}
        {visibility === undefined ? null : <p class="note">{`${visibility}: runs only when a program names it`}</p>}
        {sensitivity === undefined ? null : <p class="note">{`${sensitivity} sensitivity: runs only when a program names it`}</p>}
        {entry === undefined ? null : <Entry entry={entry} mayChange={mayChange} viewer={viewer} />}
        {isElsewhere ? <p class="note">A bridge brings it: it is changed in the registry file on the bridge's machine.</p> : null}
      </td>
    </tr>
  );
}

interface EntryProps {
  entry: ViewedEntry;
  mayChange: boolean;
  viewer: Viewer;
}

/** An entry that is off, or that the registry's reader leaves out. */
function UnlistedRow({ entry, mayChange, viewer }: EntryProps) {
  const { at, id, isOn, problems } = entry;
  const name = id || `entry ${at + 1}`;
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      <td>
        {!isOn ? <span class="status">○ switched off</span> : <NotTaken problems={problems} />}
        <Problems of={problems} />
      </td>
      <td />
      <td>
        <Entry entry={entry} mayChange={mayChange} viewer={viewer} />
      </td>
    </tr>
  );
}

/** What has just been written is listed when the session has heard of it. */
function NotTaken({ problems }: Pick<ViewedEntry, "problems">) {
  return problems.length === 0 ? (
    <span class="status">○ not listed yet</span>
  ) : (
    <span class="status unavailable">✕ left out</span>
  );
}

/** What the registry's reader says of an entry, and what can be done with it. */
function Entry({ entry, mayChange, viewer }: EntryProps) {
  return (
    <>
      <Problems of={entry.warnings} />
      {mayChange ? <EntryActions entry={entry} viewer={viewer} /> : null}
    </>
  );
}

function EntryActions({ entry, viewer }: Omit<EntryProps, "mayChange">) {
  const { at, id, isOn } = entry;
  const place = { at: String(at) };
  const name = id || `entry ${at + 1}`;
  return (
    <form class="actions" method="post" action={inSession("/console/servers/switch", viewer)}>
      <FormToken viewer={viewer} />
      <Seen at={at} entry={entry.entry} />
      <a href={inSession("/console/servers/edit", viewer, place)} aria-label={`Edit ${name}`}>
        Edit
      </a>
      <button type="submit" name="on" value={isOn ? "no" : "yes"} aria-label={`Switch ${isOn ? "off" : "on"} ${name}`}>
        {isOn ? "Switch off" : "Switch on"}
      </button>
      <a href={inSession("/console/servers/remove", viewer, place)} aria-label={`Remove ${name}`}>
        Remove
      </a>
    </form>
  );
}

function isBuiltInId(id: string): boolean {
  return builtInIds.some((own) => own === id);
}

const words: Record<ListedServer["status"], string> = {
  ready: "● ready",
  not_connected: "○ not connected yet",
  bridge_offline: "✕ its bridge is away",
  auth_required: "▲ needs a login",
  unavailable: "✕ unavailable",
};
