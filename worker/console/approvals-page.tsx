/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";

/** A tool of a server that is not as it was accepted. All of it is the server's words. */
export interface ShownChange {
  server: string;
  tool: string;
  /** Nobody has accepted a tool of this name before. */
  isNew: boolean;
  difference: string;
  /** Whether `difference` is all of it. */
  isWhole: boolean;
  /** Of which difference the person decides. */
  seen: string;
}

interface ApprovalsProps {
  /** What was just decided. */
  decided: string;
  /** Each run that waits, with its form. */
  approvals: readonly { question: string; form: Child }[];
  /** Programs that another one wants to keep as tools; each is decided on its own page. */
  proposals: readonly { name: string; description: string }[];
  /** The first of this session's, and how many more there are. */
  changed: readonly ShownChange[];
  changedOmitted: number;
  viewer: Viewer;
}

/** What waits for a person, with all that is needed to decide; the calls of one run are decided together. */
export function ApprovalsPage({ decided, approvals, proposals, changed, changedOmitted, viewer }: ApprovalsProps) {
  const outcome = outcomes[decided];
  return (
    <Shell title="Approvals" viewer={viewer}>
      {outcome === undefined ? null : <p role="status">{outcome}</p>}
      {approvals.length + proposals.length + changed.length === 0 ? <p>Nothing waits for you.</p> : null}
      {approvals.map(({ question, form }) => (
        <article class="approval">
          <h2>{question}</h2>
          {form}
        </article>
      ))}
      {proposals.length === 0 ? null : (
        <section>
          <h2>Programs to be kept as tools</h2>
          <ul>
            {proposals.map(({ name, description }) => (
              <li>
                <a href={`/proposals/${encodeURIComponent(name)}`}>{name}</a> {description}
              </li>
            ))}
          </ul>
        </section>
      )}
      {changed.length === 0 ? null : (
        <section>
          <h2>Tools that have changed</h2>
          <p>None of them is called before you accept it as it is now.</p>
          {changed.map((change) => (
            <Change change={change} viewer={viewer} />
          ))}
          {changedOmitted === 0 ? null : <p>{changedOmitted} more are shown when these are decided.</p>}
        </section>
      )}
    </Shell>
  );
}

function Change({ change, viewer }: { change: ShownChange; viewer: Viewer }) {
  const { server, tool, isNew, difference, isWhole, seen } = change;
  return (
    <article class="approval">
      <h3>
        <code>{`${server}.${tool}`}</code> {isNew ? "is new" : "is not the tool that was accepted"}
      </h3>
      <pre tabindex={0}>{difference}</pre>
      {isWhole ? (
        <form method="post" action={inSession("/console/changed-tools", viewer)}>
          <FormToken viewer={viewer} />
          <input type="hidden" name="server" value={server} />
          <input type="hidden" name="tool" value={tool} />
          <input type="hidden" name="seen" value={seen} />
          <button type="submit">Accept it as it is now</button>
        </form>
      ) : (
        <p>
          It is too long for this page: <code>{`mcp-bridge accept ${server} ${tool}`}</code> shows all of it.
        </p>
      )}
    </article>
  );
}

const outcomes: Readonly<Record<string, string>> = {
  allow: "✓ Allowed. The calls that you saw are made now.",
  allow_tools: "✓ Allowed. Calls of these tools are made now without asking again, in that run.",
  accept: "✓ Accepted. The tool can be called as it is now.",
  changed_again: "! It is not as you saw it any more, so nothing was accepted. Look again.",
  deny: "– Refused. Nothing was sent, and the program is told so.",
};
