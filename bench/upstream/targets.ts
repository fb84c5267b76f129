import { type Calls, callsOfLoop } from "./calls.ts";
import type { measureColdPrograms } from "./cold-programs.ts";
import type { Starts } from "./starts.ts";

export interface Measurements {
  calls: Calls;
  starts: Starts;
  cold: Awaited<ReturnType<typeof measureColdPrograms>>;
}

/** A promise about speed, and what was measured of it. */
export interface Target {
  title: string;
  bound: number;
  is: "at most" | "at least";
  measured: number;
  unit: "×" | "ms";
}

/** Every promise, kept or not. */
export function targetsOf(measurements: Measurements): Target[] {
  const { sequences } = measurements.calls;
  const { together } = measurements.starts;
  const perCall = (sequences.stdioProgram.median - sequences.stdioDirect.median) / callsOfLoop;
  const http = sequences.httpProgram.median / sequences.httpDirect.median;
  const starts = (title: string, measured: number): Target => ({ title, bound: 1.2, is: "at most", measured, unit: "×" });
  return [
    {
      title: "a call through the tunnel, more than with the SDK's stdio client",
      bound: 2,
      is: "at most",
      measured: perCall,
      unit: "ms",
    },
    { title: "a call over HTTP, of a direct one", bound: 1.3, is: "at most", measured: http, unit: "×" },
    ...chainsOf(measurements.calls).map(
      ({ title, each, once }): Target => ({
        title: `a chain, ${title}: one program faster than`,
        bound: 3,
        is: "at least",
        measured: each / once,
        unit: "×",
      }),
    ),
    starts("ten published servers at once, of the slowest alone", together.ten.median / slowestAlone(measurements.starts)),
    starts("ten servers that wait, of one of them", together.waiting.median / together.waitingAlone.median),
    starts(
      "a program that calls ten such that do not run yet, of one that calls one",
      measurements.cold.ten.median / measurements.cold.one.median,
    ),
    starts(
      "ten published servers beside two out of reach, of the ten without them",
      together.beside.median / together.ten.median,
    ),
    starts(
      "ten that wait beside two out of reach, of the ten without them",
      together.waitingBeside.median / together.waiting.median,
    ),
  ];
}

/** What a chain takes, call by call, and as one program. */
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

/** The median of the server that takes longest by itself. */
export function slowestAlone({ alone }: Starts): number {
  return Math.max(...Object.values(alone).map(({ median }) => median));
}

export function isKept({ bound, is, measured }: Target): boolean {
  return is === "at most" ? measured <= bound : measured >= bound;
}
