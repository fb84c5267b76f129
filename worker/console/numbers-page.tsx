/** @jsxImportSource hono/jsx */
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { charsPerToken, type Numbers, type NumbersPoint, type Span, spans } from "../../core/audit/tally-series.ts";
import { SessionField, Shell, type Viewer } from "./shell.tsx";
import { Table } from "./table.tsx";

export interface NumbersView {
  span: Span;
  /** The steps of the span, oldest first. */
  points: readonly NumbersPoint[];
  total: Numbers;
}

/** How much ran, what failed and how long it took. The plots are drawn from the table, which says the same without a script. */
export function NumbersPage({ view: { span, points, total }, viewer }: { view: NumbersView; viewer: Viewer }) {
  return (
    <Shell title="Numbers" viewer={viewer} scripts={["numbers.js"]}>
      <form method="get">
        <SessionField viewer={viewer} />
        <label>
          Last{" "}
          <select name="last">
            {Object.keys(spans).map((value) => (
              <option value={value} selected={value === span}>
                {value}
              </option>
            ))}
          </select>
        </label>{" "}
        <button type="submit">Show</button>
      </form>
      <dl class="totals">
        {columns.map(({ key, label }) => (
          <div>
            <dt>{label}</dt>
            <dd>{shown(key, total[key])}</dd>
          </div>
        ))}
      </dl>
      <div class="plots">
        {plots.map(({ title, lines }) => (
          <figure hidden data-keys={lines.map(({ key }) => key).join(" ")}>
            <figcaption>
              {`${title}: `}
              <span class="first">{`— ${lines[0].label}`}</span> <span class="second">{`- - ${lines[1].label}`}</span>
            </figcaption>
          </figure>
        ))}
      </div>
      <Steps points={points} span={span} />
      <h2>What is counted</h2>
      <p class="note">
        All sessions of this orchestrator. Times are in UTC. p50 and p95 are what half and 95 % did not exceed, estimated from
        counts by length. Calls that were refused before they were sent are not among the calls.
      </p>
      <p class="note">
        {`Tokens kept out: (characters of the calls' results − characters of what the runs answered) / ${charsPerToken}, not below 0, for each step and for all. That is what a model would have read had it called the tools itself, less what it did read. Of one result at most ${auditLimits.resultCharsCounted.toLocaleString("en")} characters count, because clients cut longer ones; images, sounds and other bytes do not count, nor do the programs that it wrote.`}
      </p>
    </Shell>
  );
}

function Steps({ points, span }: Pick<NumbersView, "points" | "span">) {
  return (
    <section>
      <h2>In steps</h2>
      <Table id="steps" caption={`The last ${span}, newest first`} columns={["From", ...columns.map(({ label }) => label)]}>
        {points.toReversed().map((point) => (
          <tr data-point={JSON.stringify(point)}>
            <th scope="row">
              <time datetime={new Date(point.at).toISOString()}>
                {new Date(point.at).toISOString().replace("T", " ").slice(0, 16)}
              </time>
            </th>
            {columns.map(({ key }) => (
              <td>{shown(key, point[key])}</td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}

const columns: readonly { key: keyof Numbers; label: string }[] = [
  { key: "runs", label: "Runs" },
  { key: "failedRuns", label: "Failed runs" },
  { key: "calls", label: "Calls" },
  { key: "failedCalls", label: "Failed calls" },
  { key: "tokensKeptOut", label: "Tokens kept out" },
  { key: "runP50Ms", label: "Run, p50" },
  { key: "runP95Ms", label: "Run, p95" },
  { key: "callP50Ms", label: "Call, p50" },
  { key: "callP95Ms", label: "Call, p95" },
];

type Line = { key: keyof Numbers; label: string };
const plots: readonly { title: string; lines: readonly [Line, Line] }[] = [
  { title: "Runs", lines: [of("runs", "all"), of("failedRuns", "failed")] },
  { title: "Calls", lines: [of("calls", "all"), of("failedCalls", "failed")] },
  { title: "Time of a run, in ms", lines: [of("runP50Ms", "p50"), of("runP95Ms", "p95")] },
  { title: "Time of a call, in ms", lines: [of("callP50Ms", "p50"), of("callP95Ms", "p95")] },
];

function of(key: keyof Numbers, label: string): Line {
  return { key, label };
}

function shown(key: keyof Numbers, value: number | undefined): string {
  if (value === undefined) return "–";
  if (key === "tokensKeptOut") return value === 0 ? "0" : `≈ ${Number(value.toPrecision(2)).toLocaleString("en")}`;
  return key.endsWith("Ms") ? `${Number(value.toPrecision(2)).toLocaleString("en")} ms` : value.toLocaleString("en");
}
