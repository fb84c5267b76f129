import { callsOfChain, callsOfLoop, linkMs } from "./calls.ts";
import { callsOfSaved } from "./saved-programs.ts";
import { waitingMs } from "./starts.ts";
import { chainsOf, isMet, type Measurements, slowestAlone, type Target, targetsOf } from "./targets.ts";

/** The machine and the versions that were measured. */
export interface Setting {
  date: string;
  cores: number;
  processor: string;
  node: string;
  workerd: string;
  /** The system's load average of the last minute, before and after. */
  load: { before: number; after: number };
}

/** The tables in the form that bench/README.md contains. */
export function reportOf(measurements: Measurements, setting: Setting): string {
  const { date, cores, processor, node, workerd, load } = setting;
  return `${busyWarning(setting)}Measured on ${date.slice(0, 10)} on ${cores} cores (${processor}), load ${load.before.toFixed(1)} before, with Node ${node} and workerd ${workerd}; \`npm start\`, server-everything
and all clients on that machine. Medians in ms. A program is one \`execute_mcp_code\` with a new text, from end to end, type-check included.

${callTable(measurements)}

An \`execute_mcp_code\` without calls: ${ms(measurements.calls.sequences.nothing.median)}.

${chainTable(measurements)}

"Far" is a link with a delay of ${linkMs} ms in each direction.

${startTable(measurements)}

${savedTable(measurements)}

${table(["target", "", "measured", ""], targetsOf(measurements).map(targetRow))}
`;
}

/** Only the load before counts: the bench itself keeps all cores busy while it starts servers. */
function busyWarning({ cores, load }: Setting): string {
  if (load.before < cores / 2) return "";
  return `**The machine was busy (load ${load.before.toFixed(1)} before), so these numbers are not reliable.**\n\n`;
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
    [`${callsOfLoop} calls of \`echo\``, "SDK's client", "one program", "per call", "per call, program", "program ÷ direct"],
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
  return table([`${callsOfChain} calls, each with the previous answer`, "call by call", "one program", "speed-up"], rows);
}

function startTable({ starts, cold }: Measurements): string {
  const { ten, sdk, tenWithUnreachable, waitingAlone, waiting, waitingWithUnreachable } = starts.together;
  const slowest = slowestAlone(starts);
  const row = (title: string, value: number, of: number) => [title, ms(value), `${(value / of).toFixed(2)} ×`];
  const sum = Object.values(starts.alone).reduce((total, { median }) => total + median, 0);
  return table(
    ["start of servers, until the last handshake", "", "relative to the slowest alone"],
    [
      row("the slowest of ten published servers, alone", slowest, slowest),
      row("the ten one after the other", sum, slowest),
      row("the ten at once, by the bridge", ten.median, slowest),
      row("the ten at once, each with the SDK's client", sdk.median, slowest),
      row(
        "the ten at once, by the bridge, with one that never answers and one that does not exist",
        tenWithUnreachable.median,
        slowest,
      ),
      row(
        `one of ten small servers that wait ${waitingMs / 1_000} s before they read, alone`,
        waitingAlone.median,
        waitingAlone.median,
      ),
      row("these ten at once", waiting.median, waitingAlone.median),
      row("these ten, with the two that cannot be reached", waitingWithUnreachable.median, waitingAlone.median),
      row("a program that calls one of them, not running yet, from end to end", cold.one.median, waitingAlone.median),
      row("a program that calls ten of them", cold.ten.median, waitingAlone.median),
    ],
  );
}

function savedTable({ saved: { calls, fewSaved, mostSaved } }: Measurements): string {
  const row = (title: string, sent: number, called: number) => [title, ms(sent), ms(called), `${(called / sent).toFixed(2)} ×`];
  return table(
    ["the same program again", "sent as it is", "called as a saved one", "called ÷ sent"],
    [
      row("no call", calls.nothing.median, calls.savedNothing.median),
      row("1 call", calls.one.median, calls.savedOne.median),
      row(`${callsOfSaved} calls, one after the other`, calls.many.median, calls.savedMany.median),
      ["1 call, where three programs are saved", ms(fewSaved.median), "", ""],
      ["1 call, where 256 are saved", ms(mostSaved.median), "", ""],
    ],
  );
}

function targetRow(target: Target): string[] {
  const { title, bound, is, measured, unit } = target;
  return [title, `${is} ${bound} ${unit}`, `${measured.toFixed(2)} ${unit}`, isMet(target) ? "met" : "**missed**"];
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
