/** @jsxImportSource hono/jsx */
import type { Listing } from "../../core/discovery/list.ts";
import { escapeInvisible } from "../../core/text.ts";
import { inSession, SessionField, Shell, type Viewer } from "./shell.tsx";
import { type TriedTool, TryTool } from "./tool-form.tsx";

export interface ToolsView {
  query: string;
  /** Those of the session, where nothing is chosen yet. */
  servers?: readonly { id: string; title: string }[] | undefined;
  /** What the model would be shown for the query. */
  found?: Listing | undefined;
  /** One server's tools. */
  server?: { id: string; title: string; tools: readonly DescribedTool[]; problem?: string | undefined } | undefined;
  /** One tool's declaration in TypeScript. */
  declaration?: { tool: string; text: string } | undefined;
  /** And a form to call it, for whoever may. */
  tried?: TriedTool | undefined;
}

export interface DescribedTool {
  name: string;
  signature?: string | undefined;
  description?: string | undefined;
}

/** Search as the model has it, with what the answer costs; and the tools of a server with their declarations. */
export function ToolsPage({ view, viewer }: { view: ToolsView; viewer: Viewer }) {
  const { query, servers, found, server, declaration, tried } = view;
  return (
    <Shell title="Tools" viewer={viewer}>
      <search>
        <form method="get">
          <SessionField viewer={viewer} />
          <label>
            What a model would ask for <input type="search" name="query" value={query} size={40} />
          </label>
          <button type="submit" class="main">
            Search
          </button>
        </form>
      </search>
      {servers === undefined ? null : <Servers servers={servers} viewer={viewer} />}
      {found === undefined ? null : <Found listing={found} viewer={viewer} />}
      {server === undefined ? null : <ServerTools server={server} viewer={viewer} />}
      {tried === undefined ? null : <TryTool tried={tried} viewer={viewer} />}
      {declaration === undefined ? null : (
        <section>
          <h2>{escapeInvisible(declaration.tool)}</h2>
          <pre tabindex={0}>
            <code>{escapeInvisible(declaration.text)}</code>
          </pre>
        </section>
      )}
    </Shell>
  );
}

function Servers({ servers, viewer }: { servers: NonNullable<ToolsView["servers"]>; viewer: Viewer }) {
  if (servers.length === 0)
    return (
      <p>
        No server yet, so no tools. <a href={inSession("/", viewer)}>The servers' page</a> says how to add one.
      </p>
    );
  return (
    <section>
      <h2>Or the tools of one server</h2>
      <ul class="actions">
        {servers.map(({ id, title }) => (
          <li>
            <a href={inSession("/console/tools", viewer, { server: id })}>{title}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Found({ listing, viewer }: { listing: Listing; viewer: Viewer }) {
  return (
    <section>
      <h2>What the model is shown</h2>
      <p class="note">{`About ${estimatedTokens(listing)} tokens (a token is about four characters of JSON).`}</p>
      {listing.message === undefined ? null : <p role="status">{listing.message}</p>}
      {listing.servers.map(({ id, title, summary, tools = [], weak }) => (
        <article>
          <h3>
            <a href={inSession("/console/tools", viewer, { server: id })}>{title}</a>{" "}
            {weak ? <span class="note">weak</span> : null}
          </h3>
          <p>{summary}</p>
          <ToolList server={id} tools={tools} viewer={viewer} />
        </article>
      ))}
    </section>
  );
}

function ServerTools({ server, viewer }: { server: NonNullable<ToolsView["server"]>; viewer: Viewer }) {
  return (
    <section>
      <h2>{server.title}</h2>
      {server.problem === undefined ? null : <p role="alert">{server.problem}</p>}
      <ToolList server={server.id} tools={server.tools} viewer={viewer} />
    </section>
  );
}

function ToolList({ server, tools, viewer }: { server: string; tools: readonly DescribedTool[]; viewer: Viewer }) {
  return (
    <ul class="tools">
      {tools.map(({ name, signature, description }) => (
        <li>
          <a href={inSession("/console/tools", viewer, { server, tool: name })}>
            <code>{escapeInvisible(signature ?? name)}</code>
          </a>
          {description === undefined ? null : <p>{description}</p>}
          {viewer.mayRun ? (
            <a href={`${inSession("/console/tools", viewer, { server, tool: name })}#try`}>{`Try ${escapeInvisible(name)}`}</a>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function estimatedTokens(answer: object): number {
  return Math.ceil(JSON.stringify(answer).length / 4);
}
