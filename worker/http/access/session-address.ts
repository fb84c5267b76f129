import type { Env } from "../env.ts";

/** Names the session object that a request is for. */
export interface SessionAddress {
  principal: string;
  session: string;
}

export function sessionAt(env: Env, { principal, session }: SessionAddress) {
  return env.SESSIONS.getByName(`${principal}/${session}`);
}
