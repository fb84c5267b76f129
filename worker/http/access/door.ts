import { systemClock } from "../../clock.ts";
import { readSettings } from "../../settings.ts";
import type { Env } from "../env.ts";
import type { Door } from "./access.ts";
import { createBrowserLogins } from "./browser-login.ts";
import { createJwt } from "./jwt.ts";
import { createOauth } from "./oauth.ts";
import { createPersonLogins } from "./person-logins.ts";
import { createStaticTokens } from "./static-tokens.ts";
import { Throttle } from "./throttle.ts";

const doors = new WeakMap<Env, Door>();

/** The door of this deployment, made once in each isolate: it remembers keys, and wrong tokens. */
export function doorOf(env: Env): Door {
  const door = doors.get(env) ?? createDoor(env);
  doors.set(env, door);
  return door;
}

function createDoor(env: Env): Door {
  const settings = readSettings(env);
  const { now } = systemClock;
  const verifiers = [createStaticTokens(settings, now)];
  // With a wrong setting nothing is verified, so that nothing is made of a wrong one.
  if (settings.problems.length === 0) {
    if (settings.jwt !== undefined) verifiers.push(createJwt(settings.jwt, now));
    if (settings.login !== undefined) verifiers.push(createOauth(env));
  }
  const { login } = settings;
  const personLogins = login?.kind === "oidc" && env.OAUTH_KV !== undefined ? createPersonLogins(env.OAUTH_KV, login) : undefined;
  return { settings, verifiers, throttle: new Throttle(now), browserLogins: createBrowserLogins(settings, now), personLogins };
}
