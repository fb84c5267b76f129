/** @jsxImportSource hono/jsx */
import { escapeInvisible } from "../../core/text.ts";
import { Answer, type Answered } from "./answer.tsx";
import { Choice } from "./choice.tsx";
import { OpenInPlayground, type PlayView } from "./play-page.tsx";
import type { Recorded } from "./runs-page.tsx";
import { SessionField, Shell, type Viewer } from "./shell.tsx";
import { Sources } from "./sources.tsx";
import { Status } from "./status.tsx";
import { Table } from "./table.tsx";
import { When } from "./when.tsx";

export interface RunView {
  run: Recorded;
  /** In the order in which they began. */
  calls: readonly Recorded[];
  /** Which of its calls are shown, those of a server and with an outcome, and of what there is to choose. */
  chosen: { at: string; server: string; outcome: string };
  servers: readonly string[];
  outcomes: readonly string[];
  /** The program as it came in; undefined when the session does not keep it any more, or it was too large. */
  program?: PlayView | undefined;
  answer?: Answered | undefined;
  /** A test that expects the same of the same program; undefined when the session does not keep both any more. */
  test?: string | undefined;
}

/** One run: its program, its answer, and its calls in time. */
export function RunPage({ view, viewer }: { view: RunView; viewer: Viewer }) {
  const { run, calls, program, answer, test } = view;
  return (
    <Shell title="Run" viewer={viewer}>
      <p>
        <When at={run.time} /> <Status of={run} /> {`${run.durationMs ?? 0} ms`}
      </p>
      <section>
        <h2>Calls</h2>
        {view.servers.length + view.outcomes.length > 2 ? <CallsFilter view={view} viewer={viewer} /> : null}
        {calls.length === 0 ? <p>There are none that were sent.</p> : <Waterfall run={run} calls={calls} />}
      </section>
      <section>
        <h2>Program</h2>
        {program === undefined ? (
          <p class="note">The session keeps the programs of its last runs only.</p>
        ) : (
          <>
            <Sources files={program.files} />
            <OpenInPlayground view={program} viewer={viewer} />
          </>
        )}
      </section>
      {answer === undefined ? null : (
        <section>
          <h2>Answer</h2>
          <Answer outcome={answer} viewer={viewer} />
        </section>
      )}
      {test === undefined ? null : (
        <section>
          <h2>As a test</h2>
          <p class="note">
            For <code>node --test</code>, with the package <code>mcp-dynamic-orchestrator</code> and a token in{" "}
            <code>AUTH_TOKEN</code>.
          </p>
          <textarea aria-label="The run as a test" rows={12} readonly spellcheck={false}>
            {escapeInvisible(test)}
          </textarea>
        </section>
      )}
    </Shell>
  );
}

/** The bars of some of many calls. */
function CallsFilter({ view: { chosen, servers, outcomes }, viewer }: { view: RunView; viewer: Viewer }) {
  return (
    <form method="get">
      <SessionField viewer={viewer} />
      <input type="hidden" name="at" value={chosen.at} />
      <Choice label="Of the server" name="server" chosen={chosen.server} values={servers} />{" "}
      <Choice label="Outcome" name="outcome" chosen={chosen.outcome} values={outcomes} /> <button type="submit">Show</button>
    </form>
  );
}

/** Each call as a bar from its beginning to its end, so that one sees which waited for which. */
function Waterfall({ run, calls }: { run: Recorded; calls: readonly Recorded[] }) {
  const began = Math.min(Date.parse(run.time), ...calls.map(({ time }) => Date.parse(time)));
  const ended = Math.max(...[run, ...calls].map(({ time, durationMs = 0 }) => Date.parse(time) + durationMs));
  const spanMs = Math.max(ended - began, 1);
  return (
    <Table
      class="waterfall"
      caption={`From its beginning to its end, ${spanMs} ms`}
      columns={["Tool", "Outcome", "Began", "Took", "When"]}
    >
      {calls.map((call) => (
        <Bar call={call} startMs={Date.parse(call.time) - began} spanMs={spanMs} />
      ))}
    </Table>
  );
}

function Bar({ call, startMs, spanMs }: { call: Recorded; startMs: number; spanMs: number }) {
  const { server = "", tool = "", within, durationMs = 0, outcome } = call;
  const part = (ms: number) => (100 * ms) / spanMs;
  return (
    <tr>
      <th scope="row" class={within && "within"}>
        {within && <small>{`${within.replaceAll("/", " › ")} › `}</small>}
        <code>{escapeInvisible(`${server}.${tool}`)}</code>
      </th>
      <td>
        <Status of={call} />
      </td>
      <td>{`${startMs} ms`}</td>
      <td>{`${durationMs} ms`}</td>
      <td class="bar">
        <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect class={outcome} x={part(startMs)} y="0" width={Math.max(part(durationMs), 0.5)} height="4" />
        </svg>
      </td>
    </tr>
  );
}
