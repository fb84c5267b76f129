import { limits } from "../../core/limits.ts";

/**
 * How long to wait before dialling again: doubled with each failure up to a bound, and drawn from its upper half, so
 * that many bridges do not come back to a restarted Worker in the same moment.
 *
 * @param failures attempts that failed in a row, from 1
 * @param random from 0 to 1, exclusive
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(limits.reconnectMs * 2 ** (failures - 1), limits.reconnectMsMax);
  return Math.round(ceiling * (0.5 + random / 2));
}
