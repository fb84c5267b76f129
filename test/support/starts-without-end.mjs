// Starts one process group after the other, until it is killed.
import { setTimeout as delay } from "node:timers/promises";
import { spawnGroup } from "../../bridge/stdio/process-group.ts";

for (let count = 1; ; count++) {
  spawnGroup({ command: "/bin/sleep", args: ["600"], cwd: "/", env: { TMPDIR: process.env.TMPDIR } });
  if (count === 3) console.log("has started some");
  await delay(1);
}
