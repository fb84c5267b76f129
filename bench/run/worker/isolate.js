/*
 * The lower bound: loads and evaluates the modules of our program, and makes its calls in sequence or at once, with no other code
 * around them.
 */

import { WorkerEntrypoint } from "cloudflare:workers";

export default class Bare extends WorkerEntrypoint {
  async run(target, { modules, plan: { tool, calls, isParallel } }) {
    await Promise.all(modules.map((name) => import(`./${name}`)));
    const ids = Array.from({ length: calls }, (_, id) => id);
    if (isParallel) return (await Promise.all(ids.map((id) => target.call(tool, { id })))).length;
    let made = 0;
    for (const id of ids) {
      await target.call(tool, { id });
      made += 1;
    }
    return made;
  }
}
