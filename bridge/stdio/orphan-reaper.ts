/*
 * Ends the process groups that its parent leaves behind. The parent reports on a pipe which groups it has started and which have
 * ended. However the parent ends, kill -9 included, the pipe closes, and the reaper ends the groups that remain: SIGTERM, then
 * SIGKILL.
 *
 * Run by process-group.ts. The lines on stdin are "started <group>" and "ended <group>".
 */

import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { limits } from "../../core/limits.ts";

const running = new Set<number>();

// A signal to the parent's whole group or session must not end the reaper before the parent.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, group] = line.split(" ");
  if (verb === "started") running.add(Number(group));
  if (verb === "ended") running.delete(Number(group));
}

if (running.size > 0) {
  signalAll("SIGTERM");
  await delay(limits.stopMs);
  signalAll("SIGKILL");
}

function signalAll(signal: NodeJS.Signals): void {
  for (const group of running) {
    try {
      process.kill(process.platform === "win32" ? group : -group, signal);
    } catch {
      // The whole group has already ended.
    }
  }
}
