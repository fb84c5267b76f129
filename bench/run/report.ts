import { approvalsCompared, approvalsNames, type Compared, compared, type Measurements, scenarioNames } from "./measurements.ts";
import type { Cost, PairedCost } from "./paired-cost.ts";
import { type Mode, scenarios } from "./programs.ts";
import type { Summary } from "./statistics.ts";
import { isMet, msPerCall, type Target, targetsOf } from "./targets.ts";

/** The machine and the versions that were measured. */
export interface Setting {
  date: string;
  cores: number;
  processor: string;
  node: string;
  workerd: string;
  codemode: string;
  /** The system's load average of the last minute, before and after. */
  load: { before: number; after: number };
}

const titles: Record<Compared, string> = {
  bare: "bare load",
  codemode: "codemode",
  durable: "codemode, with its log",
  unchecked: "ours, unchecked",
  ours: "ours",
};

/** The tables in the form that bench/README.md contains. */
export function reportOf(measurements: Measurements, setting: Setting): string {
  const { date, cores, processor, node, workerd, codemode } = setting;
  const { reading, registered, audit, approvals, emptyRequest, bytesOfCompiler } = measurements;
  return `${busyWarning(setting)}Measured on ${date.slice(0, 10)} on ${cores} cores (${processor}) with Node ${node} and workerd ${workerd}, against @cloudflare/codemode
${codemode}, all in one process. Milliseconds, median and 95th percentile, minus an empty request (${ms(emptyRequest.median)}).

${runTable(measurements, "fresh")}

${runTable(measurements, "repeated")}

Reading 30 lines that use two clients of 30 tools, with a type-check: ${pair(reading.fresh)}; a program that was read before: ${pair(reading.repeated)}.
The compiler takes ${mebibytes(bytesOfCompiler.median)} once, independent of the number of open runs.
One call with 2 registered servers: ${pair(registered.two)}; with 1,000: ${pair(registered.thousand)}.

${table(
  ["one call", "without identity and audit", "with", "ratio of pairs"],
  (["fresh", "repeated"] as const).flatMap((mode) => costRows(mode, audit[mode])),
)}

${table(
  ["one call", "without", "with", "ratio of pairs"],
  approvalsNames.flatMap((name) =>
    (["fresh", "repeated"] as const).flatMap((mode) =>
      costRows(`${approvalsCompared[name].title}, ${mode}`, approvals[name][mode]),
    ),
  ),
)}

${table(["target", "at most", "measured", ""], targetsOf(measurements).map(targetRow))}
`;
}

/** The bench itself keeps hardly more than one core busy. */
function busyWarning({ cores, load }: Setting): string {
  if (load.before < cores / 2 && load.after < cores + 1) return "";
  return `**The machine was busy (load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after), so these numbers are not reliable.**\n\n`;
}

function runTable(measurements: Measurements, mode: Mode): string {
  const runs = measurements.runs[mode];
  const header = [
    mode === "fresh" ? "a new program" : "the same program again",
    ...compared.map((contender) => titles[contender]),
    "unchecked ÷ bare",
    "unchecked ÷ codemode",
    "ours ÷ codemode",
  ];
  const rows = scenarioNames.map((name) => {
    const row = runs[name];
    const ratio = (of: Compared, to: Compared) => (row[of].median / row[to].median).toFixed(2);
    const ratios = [ratio("unchecked", "bare"), ratio("unchecked", "codemode"), ratio("ours", "codemode")];
    return [scenarios[name].title, ...compared.map((contender) => pair(row[contender])), ...ratios];
  });
  const perCall = ["each further call", ...compared.map((contender) => ms(msPerCall(runs, contender))), "", "", ""];
  return table(header, mode === "fresh" ? [...rows, perCall, memoryRow(measurements)] : [...rows, perCall]);
}

function memoryRow({ bytesPerOpenRun }: Measurements): string[] {
  const { bare, codemode, durable, unchecked } = bytesPerOpenRun;
  const cells = [bare, codemode, durable, unchecked, unchecked].map(({ median }) => mebibytes(median));
  return ["memory per open run", ...cells, "", "", ""];
}

function costRows(what: string, { wall, processor }: PairedCost): string[][] {
  const row = (title: string, cost: Cost) => [`${what}, ${title}`, ms(cost.without), ms(cost.with), cost.ratio.toFixed(2)];
  return [row("from request to answer", wall), ...(processor ? [row("processor time, all told", processor)] : [])];
}

function targetRow(target: Target): string[] {
  const { title, bound, measured, unit } = target;
  const shown = unit === "×" ? `${measured.toFixed(2)} ×` : ms(measured);
  return [title, `${bound} ${unit}`, shown, isMet(target) ? "met" : "**missed**"];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function pair({ median, p95 }: Summary): string {
  return `${digits(median)} / ${digits(p95)}`;
}

function ms(value: number): string {
  return `${digits(value)} ms`;
}

function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 1 ? 1 : 2);
}
