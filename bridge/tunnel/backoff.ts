import { limits } from "../../core/limits.ts";

/**
 * How long to wait before connecting again: exponential with a bound, and random in its upper half, so that many bridges do not
 * return to a restarted Worker at the same moment.
 *
 * @param failures failed attempts in a row, from 1
 * @param random from 0 to 1, exclusive
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(limits.reconnectMs * 2 ** (failures - 1), limits.reconnectMsMax);
  return Math.round(ceiling * (0.5 + random / 2));
}
