/*
 * The floor: the modules that our program would have been loaded with are loaded and evaluated, and its calls are made one by
 * one or at once, with nothing around them.
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
