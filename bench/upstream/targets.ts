import { type Calls, callsOfLoop } from "./calls.ts";
import type { measureColdPrograms } from "./cold-programs.ts";
import { callsOfSaved, type SavedPrograms } from "./saved-programs.ts";
import type { Starts } from "./starts.ts";

export interface Measurements {
  calls: Calls;
  starts: Starts;
  cold: Awaited<ReturnType<typeof measureColdPrograms>>;
  saved: SavedPrograms;
}

/** A speed target and its measured value. */
export interface Target {
  title: string;
  bound: number;
  is: "at most" | "at least";
  measured: number;
  unit: "×" | "ms";
}

/** Every target, whether it is met or not. */
export function targetsOf(measurements: Measurements): Target[] {
  const { sequences } = measurements.calls;
  const { together } = measurements.starts;
  const perCall = (sequences.stdioProgram.median - sequences.stdioDirect.median) / callsOfLoop;
  const http = sequences.httpProgram.median / sequences.httpDirect.median;
  const starts = (title: string, measured: number): Target => ({ title, bound: 1.2, is: "at most", measured, unit: "×" });
  return [
    {
      title: "a call through the tunnel, minus a call with the SDK's stdio client",
      bound: 2,
      is: "at most",
      measured: perCall,
      unit: "ms",
    },
    { title: "a call over HTTP, relative to a direct one", bound: 1.3, is: "at most", measured: http, unit: "×" },
    ...chainsOf(measurements.calls).map(
      ({ title, each, once }): Target => ({
        title: `chain of calls, speed-up of one program over ${title}`,
        bound: 3,
        is: "at least",
        measured: each / once,
        unit: "×",
      }),
    ),
    starts(
      "ten published servers at once, relative to the slowest alone",
      together.ten.median / slowestAlone(measurements.starts),
    ),
    starts("ten servers that wait, relative to one of them", together.waiting.median / together.waitingAlone.median),
    starts(
      "a program that calls ten of them, not running yet, relative to one that calls one",
      measurements.cold.ten.median / measurements.cold.one.median,
    ),
    starts(
      "ten published servers with two that cannot be reached, relative to the ten without them",
      together.tenWithUnreachable.median / together.ten.median,
    ),
    starts(
      "ten that wait with two that cannot be reached, relative to the ten without them",
      together.waitingWithUnreachable.median / together.waiting.median,
    ),
    ...savedTargets(measurements.saved),
  ];
}

function savedTargets({ calls, fewSaved, mostSaved }: SavedPrograms): Target[] {
  const called = (title: string, measured: number): Target => ({
    title: `a saved program of ${title}, relative to the same one sent as it is the second time`,
    ...{ bound: 1.3, is: "at most", measured, unit: "×" },
  });
  return [
    called("no call", calls.savedNothing.median / calls.nothing.median),
    called("1 call", calls.savedOne.median / calls.one.median),
    called(`${callsOfSaved} calls, one after the other`, calls.savedMany.median / calls.many.median),
    {
      title: "a program that calls no saved one where there are 256, relative to where there are three",
      ...{ bound: 1.1, is: "at most", measured: mostSaved.median / fewSaved.median, unit: "×" },
    },
  ];
}

/** The time of a chain call by call, and as one program. */
export function chainsOf({ chains }: Calls): { title: string; each: number; once: number }[] {
  const row = (title: string, each: keyof typeof chains, once: keyof typeof chains) => ({
    title,
    each: chains[each].median,
    once: chains[once].median,
  });
  return [
    row("20 direct calls over stdio, all on one machine", "stdioDirect", "stdioProgram"),
    row("20 direct calls over HTTP, all on one machine", "httpDirect", "httpProgram"),
    row("20 direct calls over HTTP, server and orchestrator both far", "farDirect", "farProgram"),
    row("20 direct calls over HTTP, only the server far", "farDirect", "farServerProgram"),
    row("20 runs of one call each, all on one machine", "runEach", "stdioProgram"),
    row("20 runs of one call each, the orchestrator far", "farRunEach", "farProgram"),
  ];
}

/** The median start time of the slowest server when it starts alone. */
export function slowestAlone({ alone }: Starts): number {
  return Math.max(...Object.values(alone).map(({ median }) => median));
}

export function isMet({ bound, is, measured }: Target): boolean {
  return is === "at most" ? measured <= bound : measured >= bound;
}
