/** @jsxImportSource hono/jsx */
import { escapeInvisible } from "../../core/text.ts";
import { Choice } from "./choice.tsx";
import { inSession, SessionField, Shell, type Viewer } from "./shell.tsx";
import { Status } from "./status.tsx";
import { Table } from "./table.tsx";
import { When } from "./when.tsx";

/** A run or a call as the audit has it. */
export interface Recorded {
  time: string;
  outcome: string;
  run?: string | undefined;
  program?: string | undefined;
  server?: string | undefined;
  tool?: string | undefined;
  /** The saved programs that made a call for the run, from the outside to the inside, with "/" between. */
  within?: string | undefined;
  code?: string | undefined;
  rule?: string | undefined;
  durationMs?: number | undefined;
  calls?: number | undefined;
  servers?: readonly string[] | undefined;
  count?: number | undefined;
  /** Its position in the audit. */
  cursor?: string | undefined;
}

export interface RunsView {
  runs: readonly Recorded[];
  /** Those that are under way. */
  running: readonly { id: string; startedAt: number; waitsFor: "decision" | "answer" | undefined }[];
  /** Where the next page begins; 0 when this is the last one. */
  next: number;
  /** Only runs with this outcome. */
  outcome: string;
  /** Only runs that called this server. */
  server: string;
  /** Only runs that had ended by then: the value of an input of the type datetime-local, in UTC. */
  until: string;
}

/** What the agent ran in a session, newest first. */
export function RunsPage({ view: { runs, running, next, outcome, server, until }, viewer }: { view: RunsView; viewer: Viewer }) {
  return (
    <Shell title="Runs" viewer={viewer}>
      {running.length === 0 ? null : (
        <section>
          <h2>Running now</h2>
          <ul>
            {running.map(({ id, startedAt, waitsFor }) => (
              <li>
                <a href={inSession(`/console/live/${id}`, viewer)}>
                  {"since "}
                  <When at={startedAt} />
                </a>
                {waitsFor === "answer" ? <span class="status auth_required"> ▲ asks you something</span> : null}
                {waitsFor === "decision" ? (
                  <a class="status auth_required" href={inSession("/console/approvals", viewer)}>
                    {" "}
                    ▲ waits for an approval
                  </a>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      )}
      <form method="get">
        <SessionField viewer={viewer} />
        <Choice label="Outcome" name="outcome" values={["succeeded", "failed", "cancelled", "lost"]} chosen={outcome} />{" "}
        <label>
          Called the server <input name="server" value={server} placeholder="any" size={16} maxlength={200} />
        </label>{" "}
        <label>
          Until (UTC) <input type="datetime-local" name="until" value={until} />
        </label>{" "}
        <button type="submit">Show</button>
      </form>
      {runs.length === 0 ? (
        <p>
          No runs here. <span class="note">What an agent runs over MCP is listed, and what is run in the playground.</span>
        </p>
      ) : (
        <Runs runs={runs} viewer={viewer} />
      )}
      {next === 0 ? null : (
        <p>
          <a href={inSession("/console/runs", viewer, { before: String(next), ...chosen({ outcome, server, until }) })}>
            Older runs
          </a>
        </p>
      )}
    </Shell>
  );
}

function Runs({ runs, viewer }: Pick<RunsView, "runs"> & { viewer: Viewer }) {
  return (
    <Table class="runs" caption="Runs, newest first" columns={["Began (UTC)", "Outcome", "Took", "Calls", "Servers"]}>
      {runs.map((run) => (
        <tr>
          <th scope="row">
            <a href={inSession(`/console/runs/${run.run}`, viewer, { at: run.cursor ?? "0" })}>
              <time datetime={run.time}>{run.time.replace("T", " ").slice(0, 19)}</time>
            </a>
          </th>
          <td>
            <Status of={run} />
          </td>
          <td>{`${run.durationMs ?? 0} ms`}</td>
          <td>{run.calls ?? 0}</td>
          <td>{(run.servers ?? []).map(escapeInvisible).join(", ")}</td>
        </tr>
      ))}
    </Table>
  );
}

function chosen(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}
