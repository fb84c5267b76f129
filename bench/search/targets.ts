import type { Recall } from "./recall.ts";

/** A target for the search and its measured value. */
export interface Target {
  title: string;
  bound: number;
  is: "at most" | "at least";
  measured: number;
}

export interface Measured {
  /** Of all queries that count. */
  recall: Recall;
  missingServers: number;
  /** Number of tools that a query wants but that their server does not list. */
  unlistedTools: number;
}

/** Every target, whether it is met or not. They apply to the complete list of servers. */
export function targetsOf({ recall, missingServers, unlistedTools }: Measured): Target[] {
  const atLeast = (bound: number, title: string, measured: number): Target => ({ title, bound, is: "at least", measured });
  const none = (title: string, measured: number): Target => ({ title, bound: 0, is: "at most", measured });
  return [
    atLeast(0.88, "the right server first", recall.server1),
    atLeast(0.97, "the right server among five", recall.server5),
    atLeast(0.79, "the right tool first", recall.tool1),
    atLeast(0.92, "the right tool among the first five", recall.tool5),
    none("servers that could not be asked", missingServers),
    none("tools that a query wants and its server does not list", unlistedTools),
  ];
}

export function isKept({ bound, is, measured }: Target): boolean {
  return is === "at most" ? measured <= bound : measured >= bound;
}
