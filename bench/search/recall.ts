import type { Finder } from "./ours.ts";
import { type Query, serverOf } from "./queries.ts";

/** The share of queries whose server, and whose tool, is in first place, in the first five places, or shown at all. */
export interface Recall {
  queries: number;
  server1: number;
  server5: number;
  tool1: number;
  tool5: number;
  toolShown: number;
}

export interface Asked {
  query: Query;
  /** Place of the first right server and tool, from 0; -1 if none is shown. */
  server: number;
  tool: number;
}

export async function ask(queries: readonly Query[], find: Finder): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const query of queries) {
    const { servers, tools } = await find(query.text);
    const wanted = new Set(query.wanted.map(serverOf));
    asked.push({
      query,
      server: servers.findIndex((id) => wanted.has(id)),
      tool: tools.findIndex((path) => query.wanted.includes(path)),
    });
  }
  return asked;
}

export function recallOf(asked: readonly Asked[]): Recall {
  const part = (isHit: (one: Asked) => boolean) => asked.filter(isHit).length / asked.length;
  return {
    queries: asked.length,
    server1: part(({ server }) => server === 0),
    server5: part(({ server }) => server >= 0 && server < 5),
    tool1: part(({ tool }) => tool === 0),
    tool5: part(({ tool }) => tool >= 0 && tool < 5),
    toolShown: part(({ tool }) => tool >= 0),
  };
}
