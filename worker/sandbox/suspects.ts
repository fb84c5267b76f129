/*
 * Remembers which programs and sessions lately blocked a process for their whole computing time or used up its memory, and which ended
 * by themselves. The former run apart from other sessions for a while, so that the next one of them harms nobody else. The latter are the
 * last to be suspected of the loss of a process. The state belongs to this Worker's process, because all sessions share the same few
 * sandboxes.
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

/** When a process was last lost, through whichever of the programs in it. */
let lostAt = Number.NEGATIVE_INFINITY;
/** Programs, as the reader keeps them for the next time that they are run, and sessions, if the last one that is known of ended by itself. */
const endedWell = new WeakSet<object>();
/** When a session last had a program in a lost process that may have been the cause. */
const doubtedAt = new WeakMap<object, number>();

/** Whose program started last, and since when only its session starts any. */
let only: { session: string; since: number } | undefined;

interface Suspect {
  /** Stands for the session of the program. */
  session: object;
  program: Program;
}

/** What is expected of a program while processes are lost. */
export type Standing = "trusted" | "unknown" | "doubted";

/** The program ended by itself, and held up nobody. */
export function noteEnd({ session, program }: Suspect): void {
  endedWell.add(session).add(program);
  doubtedAt.delete(session);
}

/** A process was lost with the program in it. Who is at fault may turn out later, or never. */
export function noteLoss({ session, program }: Suspect): void {
  lostAt = Date.now();
  // A text that ended by itself before did hardly do it.
  if (endedWell.has(program)) return;
  endedWell.delete(session);
  doubtedAt.set(session, lostAt);
}

/** Whether the same text ended by itself before. */
export function isProven(program: Program): boolean {
  return endedWell.has(program);
}

/** A program of the session of that name starts, in whichever process. */
export function noteStart(session: string): void {
  if (only?.session === session) return;
  only = { session, since: only === undefined ? Number.NEGATIVE_INFINITY : Date.now() };
}

/** Undefined while nothing is the matter, and while there is one session, which harms nobody but itself. */
export function standingOf({ session, program }: Suspect): Standing | undefined {
  const now = Date.now();
  if (only !== undefined && now - only.since > rememberedMs) return undefined;
  if (!areSuspectsAbout() && now - lostAt > rememberedMs) return undefined;
  if (endedWell.has(program) || endedWell.has(session)) return "trusted";
  const doubted = doubtedAt.get(session);
  return doubted !== undefined && now - doubted <= rememberedMs ? "doubted" : "unknown";
}

export function noteFault({ session, program }: Suspect): void {
  const now = Date.now();
  endedWell.delete(session);
  endedWell.delete(program);
  doubtedAt.set(session, now);
  const key = keyOf(program);
  // A program that is known runs apart, so the session that runs it again harms nobody with it.
  if (!programs.has(key)) faultsOf.set(session, [...recent(faultsOf.get(session) ?? [], now), now].slice(-1 - sessionFaultsMax));
  programs.delete(key);
  programs.set(key, now);
  for (const [oldest] of programs) if (programs.size > programsMax) programs.delete(oldest);
}

/** Whether any program was at fault lately. */
function areSuspectsAbout(): boolean {
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
