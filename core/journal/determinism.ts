import { canonicalJson, isDeeperJson } from "../json.ts";
import { journalLimits } from "./journal-limits.ts";

/** What a program sees as the time when it starts, and as random: the same in each life of its run. */
export interface Determinism {
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Bytes as hex. */
  entropy: string;
}

interface Seed {
  sha256: (text: string) => string;
  seed: string;
}

/** Bytes that nobody can guess who does not know the seed; others for each program of the run. */
export function entropyOf({ sha256, seed }: Seed, within: string): string {
  let hex = "";
  for (let block = 0; hex.length < 2 * journalLimits.entropyBytes; block++) hex += sha256(JSON.stringify([seed, within, block]));
  return hex;
}

/** Equal arguments have equal texts, whatever the order of their keys. */
export function comparable(argsJson: string): string {
  const { comparedCharsMax, comparedDepthMax } = journalLimits;
  if (argsJson.length > comparedCharsMax || isDeeperJson(argsJson, comparedDepthMax)) return argsJson;
  try {
    return canonicalJson(JSON.parse(argsJson));
  } catch {
    // It is refused where it is read, in each life.
    return argsJson;
  }
}
