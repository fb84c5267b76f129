import { approvalsCompared, type Compared, type Measurements, type ScenarioName } from "./measurements.ts";
import { scenarios } from "./programs.ts";

/** A speed target and its measured value. */
export interface Target {
  title: string;
  bound: number;
  measured: number;
  unit: "×" | "ms";
}

/** Every target, whether it is met or not. */
export function targetsOf({ runs, reading, registered, audit, approvals }: Measurements): Target[] {
  const median = (name: ScenarioName, contender: Compared) => runs.fresh[name][contender].median;
  const ratios = (["empty", "oneCall"] as const).flatMap((name): Target[] => {
    const ratio = (of: Compared, to: Compared) => median(name, of) / median(name, to);
    const title = `new ${scenarios[name].title}`;
    const withoutCheck = `${title} without type-check, relative to`;
    return [
      { title: `${withoutCheck} the bare load`, bound: 1.5, measured: ratio("unchecked", "bare"), unit: "×" },
      { title: `${withoutCheck} codemode`, bound: 0.6, measured: ratio("unchecked", "codemode"), unit: "×" },
      {
        title: `${withoutCheck} codemode with its log`,
        bound: 0.6,
        measured: ratio("unchecked", "durable"),
        unit: "×",
      },
      { title: `${title} with type-check, relative to codemode`, bound: 1.5, measured: ratio("ours", "codemode"), unit: "×" },
      {
        title: `${title} with type-check, relative to codemode with its log`,
        bound: 1.5,
        measured: ratio("ours", "durable"),
        unit: "×",
      },
    ];
  });
  return [
    ...ratios,
    { title: "each call, with the ledger", bound: 0.3, measured: msPerCall(runs.fresh, "ours"), unit: "ms" },
    { title: "1,000 sequential calls", bound: 400, measured: median("thousand", "ours"), unit: "ms" },
    { title: "reading 30 lines that use two clients of 30 tools", bound: 30, measured: reading.fresh.median, unit: "ms" },
    ...(["fresh", "repeated"] as const).map(
      (mode): Target => ({
        title: `one call, ${mode}, with identity and audit, relative to without`,
        bound: 1.1,
        measured: (audit[mode].processor ?? audit[mode].wall).ratio,
        unit: "×",
      }),
    ),
    ...(["fresh", "repeated"] as const).map(
      (mode): Target => ({
        title: `one call, ${mode}, ${approvalsCompared.on.title}`,
        bound: 1.05,
        measured: (approvals.on[mode].processor ?? approvals.on[mode].wall).ratio,
        unit: "×",
      }),
    ),
    {
      title: "1,000 registered servers, relative to 2",
      bound: 1.1,
      measured: registered.thousand.median / registered.two.median,
      unit: "×",
    },
  ];
}

/** The time that each further call adds, between one and a thousand. */
export function msPerCall(runs: Measurements["runs"]["fresh"], contender: Compared): number {
  const { thousand, oneCall } = scenarios;
  const more = runs.thousand[contender].median - runs.oneCall[contender].median;
  return more / (thousand.plan.calls - oneCall.plan.calls);
}

export function isMet({ bound, measured }: Target): boolean {
  return measured <= bound;
}
