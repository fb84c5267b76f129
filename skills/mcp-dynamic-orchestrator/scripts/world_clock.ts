import { time } from "mcp-clients";

/**
 * The time in several time zones.
 * @allow time
 * @example { "zones": ["UTC", "Asia/Tokyo"] }
 */
export default async function worldClock({
  zones,
}: {
  /** Names of the IANA database. */
  zones: string[];
}): Promise<{ zone: string; now: string }[]> {
  return Promise.all(zones.map(async (zone) => ({ zone, now: String(await time.current_time({ timezone: zone })) })));
}
