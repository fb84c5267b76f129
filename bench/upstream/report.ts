import { callsOfChain, callsOfLoop, linkMs } from "./calls.ts";
import { waitingMs } from "./starts.ts";
import { chainsOf, isKept, type Measurements, slowestAlone, type Target, targetsOf } from "./targets.ts";

/** Where and with what it was measured. */
export interface Setting {
  date: string;
  cores: number;
  processor: string;
  node: string;
  workerd: string;
  /** Processes that wanted a core before and after, as the system's load average of a minute has it. */
  load: { before: number; after: number };
}

/** The tables as bench/README.md carries them. */
export function reportOf(measurements: Measurements, setting: Setting): string {
  const { date, cores, processor, node, workerd, load } = setting;
  return `${busyWarning(setting)}Measured on ${date.slice(0, 10)} on ${cores} cores (${processor}), load ${load.before.toFixed(1)} before, with Node ${node} and workerd ${workerd}; \`npm start\`, server-everything
and clients all on that machine. Medians in ms; a program is one \`execute_mcp_code\` from end to end, never seen before, type-check included.

${callTable(measurements)}

An \`execute_mcp_code\` that calls nothing: ${ms(measurements.calls.sequences.nothing.median)}.

${chainTable(measurements)}

"Far" is a link of ${linkMs} ms each way.

${startTable(measurements)}

${table(["target", "", "measured", ""], targetsOf(measurements).map(targetRow))}
`;
}

/** The bench itself keeps both cores busy while it starts servers, and little more than one before. */
function busyWarning({ cores, load }: Setting): string {
  if (load.before < cores / 2) return "";
  return `**The machine was busy (load ${load.before.toFixed(1)} before): not to be relied on.**\n\n`;
}

function callTable({ calls: { sequences, bursts } }: Measurements): string {
  const row = (title: string, direct: number, program: number) => [
    title,
    ms(direct),
    ms(program),
    digits(direct / callsOfLoop),
    digits(program / callsOfLoop),
    `${(program / direct).toFixed(2)} ×`,
  ];
  return table(
    [`${callsOfLoop} calls of \`echo\``, "SDK's client", "one program", "a call", "in the program", "program ÷ direct"],
    [
      row("stdio, one after the other", sequences.stdioDirect.median, sequences.stdioProgram.median),
      row("HTTP, one after the other", sequences.httpDirect.median, sequences.httpProgram.median),
      row("stdio, all at once", bursts.stdioDirect.median, bursts.stdioProgram.median),
      row("HTTP, all at once", bursts.httpDirect.median, bursts.httpProgram.median),
    ],
  );
}

function chainTable({ calls }: Measurements): string {
  const rows = chainsOf(calls).map(({ title, each, once }) => [title, ms(each), ms(once), `${(each / once).toFixed(2)} ×`]);
  return table([`${callsOfChain} calls, each with the answer before`, "each", "one program", "program faster by"], rows);
}

function startTable({ starts, cold }: Measurements): string {
  const { ten, sdk, beside, waitingAlone, waiting, waitingBeside } = starts.together;
  const slowest = slowestAlone(starts);
  const row = (title: string, value: number, of: number) => [title, ms(value), `${(value / of).toFixed(2)} ×`];
  const sum = Object.values(starts.alone).reduce((total, { median }) => total + median, 0);
  return table(
    ["start of servers, until the last has shaken hands", "", "of the slowest alone"],
    [
      row("the slowest of ten published ones, alone", slowest, slowest),
      row("the ten one after the other", sum, slowest),
      row("the ten at once, by the bridge", ten.median, slowest),
      row("the ten at once, each with the SDK's client", sdk.median, slowest),
      row("the ten by the bridge, beside one that never answers and one that is not there", beside.median, slowest),
      row(
        `ten small ones that wait ${waitingMs / 1_000} s before they read, one alone`,
        waitingAlone.median,
        waitingAlone.median,
      ),
      row("those ten at once", waiting.median, waitingAlone.median),
      row("those ten, beside the two", waitingBeside.median, waitingAlone.median),
      row("a program that calls one such that does not run yet, from end to end", cold.one.median, waitingAlone.median),
      row("a program that calls ten", cold.ten.median, waitingAlone.median),
    ],
  );
}

function targetRow(target: Target): string[] {
  const { title, bound, is, measured, unit } = target;
  return [title, `${is} ${bound} ${unit}`, `${measured.toFixed(2)} ${unit}`, isKept(target) ? "kept" : "**lost**"];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function ms(value: number): string {
  return `${digits(value)} ms`;
}

function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
