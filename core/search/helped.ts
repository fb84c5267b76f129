import type { Scores } from "./score.ts";
import type { ServerIndex } from "./server-index.ts";
import { weights } from "./weights.ts";

/** Tools that helped with similar wishes, as `server/tool`: from 0 to 1 how much they did, and the words that the wishes share. */
export type Helped = ReadonlyMap<string, { share: number; words: readonly string[] }>;

/** Raises tools that helped before. One that does not match by its own words is not raised: what is learnt finds nothing, it only sorts. */
export function favour(servers: readonly ServerIndex[], { starts, values, isOwn }: Scores, helped: Helped): void {
  for (const [path, { share }] of helped) {
    const [id = ""] = path.split("/", 1);
    const at = servers.findIndex(({ server }) => server.id === id);
    const tool = servers[at]?.tools.findIndex(({ name }) => name === path.slice(id.length + 1)) ?? -1;
    const document = (starts[at] ?? 0) + 1 + tool;
    if (tool >= 0 && isOwn[document] === 1) values[document] = (values[document] ?? 0) * (1 + weights.helped * share);
  }
}
