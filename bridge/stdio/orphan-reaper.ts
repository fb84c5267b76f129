/*
 * The last line of defence against orphans: a process that outlives its parent by a moment. It is told which process groups
 * the parent has started; when the parent is gone, however it went (kill -9 included), its end of the pipe closes, and the
 * groups that are still held are ended: TERM, then KILL.
 *
 * Run by process-group.ts; lines on stdin are "hold <group>" and "release <group>".
 */

import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { limits } from "../../core/limits.ts";

const held = new Set<number>();

// Whoever ends the parent with a signal to its group or session must not end this first.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, group] = line.split(" ");
  if (verb === "hold") held.add(Number(group));
  if (verb === "release") held.delete(Number(group));
}

if (held.size > 0) {
  signalAll("SIGTERM");
  await delay(limits.stopMs);
  signalAll("SIGKILL");
}

function signalAll(signal: NodeJS.Signals): void {
  for (const group of held) {
    try {
      process.kill(process.platform === "win32" ? group : -group, signal);
    } catch {
      // Everyone of the group is gone, which is what was wanted.
    }
  }
}
