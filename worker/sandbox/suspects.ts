/*
 * Remembers which programs and sessions lately blocked a process for their whole computing time or used up its memory. They run
 * apart from other sessions for a while, so that the next one of them harms nobody else. The state belongs to this Worker's process,
 * because all sessions share the same few sandboxes.
 */

import { fingerprint } from "../../core/json.ts";
import type { Program } from "../../core/program/program.ts";

const rememberedMs = 60_000;
/** Everybody makes one mistake. The same program is expected to end like the last time. */
const sessionFaultsMax = 1;
const programsMax = 200;

const faultsOf = new WeakMap<object, number[]>();
/** When programs were last at fault, by the hash of their entry file; the oldest first. */
const programs = new Map<string, number>();

interface Suspect {
  /** Stands for the session of the program. */
  session: object;
  program: Program;
}

export function noteFault({ session, program }: Suspect): void {
  const now = Date.now();
  const key = keyOf(program);
  // A program that is known runs apart, so the session that runs it again harms nobody with it.
  if (!programs.has(key)) faultsOf.set(session, [...recent(faultsOf.get(session) ?? [], now), now].slice(-1 - sessionFaultsMax));
  programs.delete(key);
  programs.set(key, now);
  for (const [oldest] of programs) if (programs.size > programsMax) programs.delete(oldest);
}

/** Whether any program was at fault lately. */
export function areSuspectsAbout(): boolean {
  const now = Date.now();
  for (const [key, at] of programs) if (now - at > rememberedMs) programs.delete(key);
  return programs.size > 0;
}

/** Whether the same program was at fault lately. */
export function isKnown(program: Program): boolean {
  // Mostly nothing is remembered, and then nothing is hashed.
  return areSuspectsAbout() && programs.has(keyOf(program));
}

export function isSuspect({ session, program }: Suspect): boolean {
  return isKnown(program) || recent(faultsOf.get(session) ?? [], Date.now()).length > sessionFaultsMax;
}

function recent(times: readonly number[], now: number): number[] {
  return times.filter((at) => now - at <= rememberedMs);
}

function keyOf({ modules, entry }: Program): string {
  return fingerprint(modules[entry]);
}
