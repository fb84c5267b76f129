import { limits } from "../core/limits.ts";
import { oauthKeyOf, readSettings, type Variables } from "./settings.ts";

/** The configuration that a program may see: what bounds it, and what is switched on. No value of a secret is in it. */
export function runtimeConfig(env: Variables): Record<string, unknown> {
  const { operator, authToken, namedTokens, jwt, login, publicOrigin } = readSettings(env);
  const { runMsMax, callsPerRunMax, resultBytesMax, auditArguments, sessionIdleMs } = operator;
  return {
    limits: {
      runMs: Math.min(limits.runMs, runMsMax ?? limits.runMs),
      runMsMax: Math.min(limits.runMsMax, runMsMax ?? limits.runMsMax),
      runCpuMs: limits.runCpuMs,
      resultCharsMax: limits.resultCharsMax,
      resultCharsInline: limits.resultCharsInline,
      logLinesMax: limits.logLinesMax,
      ...(callsPerRunMax === undefined ? {} : { callsPerRunMax }),
      ...(resultBytesMax === undefined ? {} : { resultBytesMax }),
    },
    access: {
      ownerToken: authToken !== undefined,
      namedTokens: namedTokens.length,
      jwt: jwt !== undefined,
      login: login?.kind ?? "off",
      publicUrl: publicOrigin ?? null,
    },
    serverLogins: oauthKeyOf(env) !== undefined,
    auditArguments,
    sessionIdleDays: sessionIdleMs === undefined ? null : sessionIdleMs / (24 * 60 * 60_000),
  };
}
