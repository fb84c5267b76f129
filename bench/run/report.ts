import { type Compared, compared, type Measurements, type Mode, scenarioNames } from "./measurements.ts";
import { scenarios } from "./programs.ts";
import type { Summary } from "./statistics.ts";
import { isKept, msPerCall, type Target, targetsOf } from "./targets.ts";

/** Where and with what it was measured. */
export interface Setting {
  date: string;
  cores: number;
  processor: string;
  node: string;
  workerd: string;
  codemode: string;
  /** Processes that wanted a core before and after, as the system's load average of a minute has it. */
  load: { before: number; after: number };
}

const titles: Record<Compared, string> = {
  bare: "bare load",
  codemode: "codemode",
  durable: "codemode, with its log",
  unchecked: "ours, unchecked",
  ours: "ours",
};

/** The tables as bench/README.md carries them. */
export function reportOf(measurements: Measurements, setting: Setting): string {
  const { date, cores, processor, node, workerd, codemode } = setting;
  const { typeCheck, registered, emptyRequest, bytesOfCompiler } = measurements;
  return `${busyWarning(setting)}Measured on ${date.slice(0, 10)} on ${cores} cores (${processor}) with Node ${node} and workerd ${workerd}, against @cloudflare/codemode
${codemode}, all in one process. Milliseconds, median and 95th percentile; an empty request (${ms(emptyRequest.median)}) is taken off.

${runTable(measurements, "fresh")}

${runTable(measurements, "repeated")}

Type-check of 30 lines over two clients of 30 tools: ${pair(typeCheck.fresh)}; of a program seen before: ${pair(typeCheck.repeated)}.
The compiler takes ${mebibytes(bytesOfCompiler.median)} once, however many runs are open.
One call with 2 registered servers: ${pair(registered.two)}; with 1,000: ${pair(registered.thousand)}.

${table(["target", "at most", "measured", ""], targetsOf(measurements).map(targetRow))}
`;
}

/** The bench itself keeps little more than one core busy. */
function busyWarning({ cores, load }: Setting): string {
  if (load.before < cores / 2 && load.after < cores + 1) return "";
  return `**The machine was busy (load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after): not to be relied on.**\n\n`;
}

function runTable(measurements: Measurements, mode: Mode): string {
  const runs = measurements.runs[mode];
  const header = [
    mode === "fresh" ? "a program never seen" : "the same program again",
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

function targetRow(target: Target): string[] {
  const { title, bound, measured, unit } = target;
  const shown = unit === "×" ? `${measured.toFixed(2)} ×` : ms(measured);
  return [title, `${bound} ${unit}`, shown, isKept(target) ? "kept" : "**lost**"];
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
